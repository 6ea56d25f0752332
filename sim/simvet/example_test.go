package simvet_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/windtunnel/windtunnel/sim/simvet"
)

// A lease that asks the machine's clock expires at another step in every run.
func ExamplePackages() {
	dir, err := os.MkdirTemp("", "lease")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	files := map[string]string{
		"go.mod": "module example.com/lease\n\ngo 1.26\n",
		"lease.go": `package lease

import "time"

type Lease struct{ until time.Time }

func (l *Lease) Renew()        { l.until = time.Now().Add(time.Minute) }
func (l *Lease) Watch(f func()) { go f() }
`,
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			fmt.Println(err)
			return
		}
	}
	findings, err := simvet.Packages(simvet.Config{Dir: dir})
	if err != nil {
		fmt.Println(err)
	}
	for _, f := range findings {
		fmt.Printf("%s:%d: %s\n", filepath.Base(f.Position.Filename), f.Position.Line, f.Message)
	}
	// Output:
	// lease.go:7: time.Now: use env.Now (steady) or env.Wall: the machine's clock is not the World's
	// lease.go:8: go statement: use env.Go: the Go scheduler decides who runs, not the schedule
}
