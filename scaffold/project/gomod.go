package project

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// LeavenModule is the path of Leaven's own module.
const LeavenModule = "github.com/leavendb/leaven"

// Origin is where an application gets Leaven from.
type Origin struct {
	Version  string // of the module; empty: it is not published, and comes from Checkout
	Checkout string // the folder of a checkout, absolute
}

// ReplacePath is how a go.mod in the absolute folder dir names the checkout: as
// seen from there when it is near, so that both can be moved together.
func (o Origin) ReplacePath(dir string) string {
	if o.Checkout == "" {
		return ""
	}
	near, err := filepath.Rel(dir, o.Checkout)
	if err != nil || strings.Count(filepath.ToSlash(near), "../") > 2 {
		return filepath.ToSlash(o.Checkout)
	}
	if near = filepath.ToSlash(near); !strings.HasPrefix(near, ".") {
		near = "./" + near
	}
	return near
}

// GoMod adds Leaven to the text of a go.mod that lies in the absolute folder dir.
// What stands there about Leaven already is kept.
func (o Origin) GoMod(text []byte, dir string) ([]byte, error) {
	f, err := modfile.Parse(path.Join(dir, "go.mod"), text, nil)
	if err != nil {
		return nil, err
	}
	required := slices.ContainsFunc(f.Require, func(r *modfile.Require) bool { return r.Mod.Path == LeavenModule })
	replaced := slices.ContainsFunc(f.Replace, func(r *modfile.Replace) bool { return r.Old.Path == LeavenModule })
	if required && (replaced || o.Checkout == "") {
		return text, nil
	}
	if !required {
		if err := f.AddRequire(LeavenModule, cmp.Or(o.Version, "v0.0.0")); err != nil {
			return nil, err
		}
	}
	if where := o.ReplacePath(dir); where != "" && !replaced {
		if err := f.AddReplace(LeavenModule, "", where, ""); err != nil {
			return nil, fmt.Errorf("go.mod: %w", err)
		}
	}
	f.Cleanup()
	return f.Format()
}

// GoSum joins two go.sum files: ours has what Leaven needs, so that nothing is
// asked of the network.
func GoSum(theirs, ours []byte) []byte {
	lines := map[string]bool{}
	for _, text := range [][]byte{theirs, ours} {
		for l := range bytes.Lines(text) {
			lines[strings.TrimSpace(string(l))] = true
		}
	}
	delete(lines, "")
	return []byte(strings.Join(slices.Sorted(maps.Keys(lines)), "\n") + "\n")
}
