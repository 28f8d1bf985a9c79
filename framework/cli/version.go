package cli

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (p *program) versionCommand() *cobra.Command {
	return p.verb(leaf{
		use: "version", group: groupAbout, codes: offlineCodes,
		short: "Print versions",
		long: "Prints the version of the application, of Leaven and of Go. The application's is App.Version,\n" +
			"or what `go build` stamps inside a repository; `go run` stamps none. It works also when\n" +
			"settings, the database or a migration are broken.",
		example: "  {migrate} version\n  {migrate} version --json",
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

// unknown stands in documents for what the build does not know.
const unknown = "unknown"

const module = "github.com/leavendb/leaven"

// version asks the build about itself; "unknown" where it does not know.
func (p *program) version() versionView {
	v := versionView{Version: p.app.Version, Commit: unknown, Leaven: unknown, Go: runtime.Version(), name: p.app.Name}
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
			*field = unknown
		}
	}
	return v
}

func (v *versionView) show(c *call) { c.out.line(v.name + " " + v.describe()) }

func (v versionView) describe() string {
	text := v.named()
	if len(v.Commit) > 12 {
		text += " (" + v.Commit[:12] + ")"
	}
	leaven := v.Leaven
	if leaven == unknown {
		leaven = "from a checkout"
	}
	return text + ", leaven " + leaven + ", " + v.Go
}

// named is the application's version for people. `go run` leaves none in what it
// builds, and neither does a build outside a repository.
func (v versionView) named() string {
	if v.Version == unknown {
		return "without a version"
	}
	return v.Version
}
