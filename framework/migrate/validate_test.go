package migrate

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/op"
)

// at registers a migration as if its file had the given path.
func at(r *Registry, path string, m Migration) {
	if m.Up == nil && m.Change.IsZero() {
		m.Up = nothing
	}
	r.add(entry{Migration: m, place: place{path: path, line: 7, pkg: "example.com/shop/migrations"}})
}

func TestOfflineFindings(t *testing.T) {
	const dir = "/home/ann/shop/migrations/"
	type finding struct {
		id      string
		text    string // in the message
		err     error
		warning bool
	}
	drop := Reversible(op.DropTable{Name: "users"})
	for _, c := range []struct {
		name     string
		register func(*Registry)
		sources  []string
		want     []finding
	}{
		{name: "nothing"},
		{name: "in order", register: func(r *Registry) {
			at(r, dir+"0001_a.go", Migration{ID: "0001_a"})
			at(r, dir+"0002_b.go", Migration{ID: "0002_b", After: []string{"0001_a"}})
		}, sources: []string{"0001_a.go", "package m", "sources.go", "package m"}},
		{name: "problems", register: func(r *Registry) {
			at(r, dir+"0001_a.go", Migration{ID: "0001_a", After: []string{"x"}})
		}, want: []finding{{"0001_a", "names the parent", ErrRegistry, false}}},
		{name: "two heads", register: func(r *Registry) {
			at(r, dir+"1.go", Migration{ID: "1"})
			at(r, dir+"2.go", Migration{ID: "2", After: []string{"1"}})
			at(r, dir+"3.go", Migration{ID: "3", After: []string{"1"}})
		}, want: []finding{{"3", "2, 3: two heads", ErrTwoHeads, false}}},
		{name: "file name and ID", register: func(r *Registry) {
			at(r, dir+"0001_x.go", Migration{ID: "0001_a"})
			at(r, dir+"0002_x_test.go", Migration{ID: "0002_a"})
			at(r, dir+"0003_windows.go", Migration{ID: "0003_windows"})
		}, want: []finding{
			{"0001_a", "0001_x.go registers the ID 0001_a", ErrRegistry, false},
			{"0003_windows", `only for "windows"`, ErrRegistry, false},
		}},
		{name: "files that register nothing", register: func(r *Registry) {
			at(r, dir+"0001_a.go", Migration{ID: "0001_a"})
		}, sources: []string{"0001_a.go", "", "0003_c.go", "", "0002_linux.go", "", "doc.go", ""}, want: []finding{
			{"0002_linux", "no migration is registered by this file", ErrRegistry, false},
			{"0003_c", "no migration is registered by this file", ErrRegistry, false},
		}},
		{name: "NoTx", register: func(r *Registry) {
			at(r, dir+"1.go", Migration{ID: "1", NoTx: true})
			at(r, dir+"2.go", Migration{ID: "2", NoTx: true, Rerunnable: true})
		}, want: []finding{{"1", "not Rerunnable", nil, true}}},
		{name: "a Change without reverse", register: func(r *Registry) {
			at(r, dir+"1.go", Migration{ID: "1", Change: drop})
			at(r, dir+"2.go", Migration{ID: "2", Change: drop, Irreversible: "the data are gone"})
			at(r, dir+"3.go", Migration{ID: "3"})
		}, want: []finding{{"1", "cannot be reverted: operation 1 of its Change (drop table users)", nil, true}}},
		{name: "live imports", register: func(r *Registry) {
			at(r, dir+"1.go", Migration{ID: "1"})
		}, sources: []string{"1.go", `package migrations
import (
	"context"
	"example.com/shop"
	"example.com/shop/models"
	"example.com/shop/migrations/frozen"
	"example.com/shopping"
	"github.com/uptrace/bun"
)`}, want: []finding{
			{"1", "imports example.com/shop,", nil, true},
			{"1", "imports example.com/shop/models,", nil, true},
		}},
		{name: "numbers of different lengths", register: func(r *Registry) {
			at(r, dir+"9_a.go", Migration{ID: "9_a"})
			at(r, dir+"10_b.go", Migration{ID: "10_b"})
		}, want: []finding{{"9_a", "comes after 10_b", nil, true}}},
		{name: "warnings come last", register: func(r *Registry) {
			at(r, dir+"1.go", Migration{ID: "1", NoTx: true})
			at(r, dir+"x.go", Migration{ID: "2"})
		}, want: []finding{{"2", "registers the ID 2", ErrRegistry, false}, {"1", "not Rerunnable", nil, true}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := NewRegistry()
			if c.register != nil {
				c.register(r)
			}
			got := findingsOf(Options{Registry: r, Sources: []fs.FS{files(c.sources...)}}, "example.com/shop")
			for i, f := range got {
				if i >= len(c.want) {
					t.Errorf("also found: %+v", f)
					continue
				}
				w := c.want[i]
				if f.ID != w.id || !strings.Contains(f.Message, w.text) || f.Err != w.err || f.Warning != w.warning {
					t.Errorf("finding %d is %+v, want %+v", i, f, w)
				}
				if f.Where == "" && f.Err != ErrTwoHeads {
					t.Errorf("finding %d has no place: %+v", i, f)
				}
			}
			if len(got) < len(c.want) {
				t.Errorf("%d findings, want %d", len(got), len(c.want))
			}
		})
	}
}

func TestValidateOfflineTellsOfUnreadableSources(t *testing.T) {
	got := ValidateOffline(Options{Registry: NewRegistry(), Sources: []fs.FS{brokenFS{}}})
	if len(got) != 1 || !errors.Is(got[0].Err, ErrConfig) || got[0].Next == "" {
		t.Errorf("found %+v", got)
	}
}

// Leaven's own packages are no live imports, also where the app is in Leaven's
// module, as the reference app is.
func TestLiveImports(t *testing.T) {
	source := []byte(`package migrations; import ("github.com/leavendb/leaven/framework/op"; "github.com/leavendb/leaven/models")`)
	const module = "github.com/leavendb/leaven"
	if got := fmt.Sprint(liveImports(source, module, module+"/migrations")); got != "[github.com/leavendb/leaven/models]" {
		t.Errorf("live imports: %s", got)
	}
	if got := liveImports(source, "", ""); got != nil {
		t.Errorf("without a module: %v", got)
	}
	if got := mainModule(); got != module {
		t.Errorf("the module is %q", got)
	}
}
