package cli

import (
	"runtime"
	"runtime/debug"
)

// Release names the source that this program was built from: "v1.2.3". The go
// command stamps it from the module's version or the repository.
func Release() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// Version names this build: "v1.2.3 (go1.26.8 linux/amd64)".
func Version() string {
	return Release() + " (" + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH + ")"
}
