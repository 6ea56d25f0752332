package explore

import (
	"runtime"
	"runtime/debug"
)

// build says what made this binary. The commit is known where the toolchain stamped it, which `go test`
// does not do.
func build() (version, arch, commit string) {
	version, arch = runtime.Version(), runtime.GOOS+"/"+runtime.GOARCH
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version, arch, ""
	}
	for _, setting := range info.Settings {
		switch {
		case setting.Key == "vcs.revision":
			commit = setting.Value + commit
		case setting.Key == "vcs.modified" && setting.Value == "true":
			commit += "+modified"
		}
	}
	return version, arch, commit
}
