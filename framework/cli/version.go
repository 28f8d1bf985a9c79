package cli

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (p *program) versionCommand() *cobra.Command {
	return p.verb(leaf{
		use: "version", group: groupAbout,
		short: "Print versions",
		do: func(c *call) (view, error) {
			v := c.version()
			return &v, nil
		},
	})
}

type versionView struct {
	Version string `json:"app"`    // of the application
	Commit  string `json:"commit"` // of the application
	Leaven  string `json:"leaven"`
	Go      string `json:"go"`
	name    string
}

const module = "github.com/leavendb/leaven"

// version asks the build about itself; "unknown" where it does not know.
func (p *program) version() versionView {
	v := versionView{Version: p.app.Version, Commit: "unknown", Leaven: "unknown", Go: runtime.Version(), name: p.app.Name}
	b, ok := debug.ReadBuildInfo()
	if ok {
		if v.Version == "" {
			v.Version = b.Main.Version
		}
		if b.Main.Path == module {
			v.Leaven = b.Main.Version
		}
		for _, d := range b.Deps {
			if d.Path == module {
				v.Leaven = d.Version
			}
		}
		for _, s := range b.Settings {
			if s.Key == "vcs.revision" {
				v.Commit = s.Value
			}
		}
	}
	for _, field := range []*string{&v.Version, &v.Leaven} {
		if *field == "" || *field == "(devel)" {
			*field = "unknown"
		}
	}
	return v
}

func (v *versionView) show(c *call) { c.out.line(v.name + " " + v.describe()) }

func (v versionView) describe() string {
	text := v.Version
	if len(v.Commit) > 12 {
		text += " (" + v.Commit[:12] + ")"
	}
	return text + ", leaven " + v.Leaven + ", " + v.Go
}
