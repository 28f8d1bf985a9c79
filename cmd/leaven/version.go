package main

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (g *generator) versionCommand() *cobra.Command {
	return g.verb(leaf{
		use: "version", short: "Print versions",
		do: func([]string) error {
			g.say("leaven " + version() + ", " + runtime.Version())
			return nil
		},
	})
}

// version is this build's, or "unknown": a build from a checkout has none.
func version() string {
	if b, ok := debug.ReadBuildInfo(); ok && b.Main.Version != "" && b.Main.Version != "(devel)" {
		return b.Main.Version
	}
	return "unknown"
}
