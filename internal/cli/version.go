package cli

import (
	"runtime"
	"runtime/debug"
)

// Version names this build: "v1.2.3 (go1.26.8 linux/amd64)". The go command
// stamps it from the module's version or the repository.
func Version() string {
	v := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		v = info.Main.Version
	}
	return v + " (" + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH + ")"
}
