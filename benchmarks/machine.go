package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// machine says in a line what the figures were measured on.
func machine() string {
	return fmt.Sprintf("%s, %d cores (GOMAXPROCS %d), %s, %s/%s%s.",
		processor(), runtime.NumCPU(), runtime.GOMAXPROCS(0), runtime.Version(), runtime.GOOS, runtime.GOARCH,
		loadThen())
}

// processor is the model that Linux names; elsewhere nobody is asked.
func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "Unnamed processor"
	}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "Unnamed processor"
}

// loadThen is what else the machine was doing when the run began.
func loadThen() string {
	text, err := os.ReadFile("/proc/loadavg")
	fields := strings.Fields(string(text))
	if err != nil || len(fields) == 0 {
		return ""
	}
	return ", load " + fields[0] + " at the start"
}
