package project

import (
	"strings"

	"golang.org/x/mod/modfile"
)

const bunModule = "github.com/uptrace/bun"

// UnequalDialects returns what brings bun's dialects in a go.mod to bun's own
// version, as arguments of `go get`: bun panics where they differ. Empty: they are
// equal, or there is none.
func UnequalDialects(text []byte) []string {
	f, err := modfile.ParseLax("go.mod", text, nil)
	if err != nil {
		return nil
	}
	versions := map[string]string{}
	for _, r := range f.Require {
		versions[r.Mod.Path] = r.Mod.Version
	}
	var get []string
	for _, r := range f.Require {
		if strings.HasPrefix(r.Mod.Path, bunModule+"/dialect/") && versions[bunModule] != "" && r.Mod.Version != versions[bunModule] {
			get = append(get, r.Mod.Path+"@"+versions[bunModule])
		}
	}
	return get
}
