package migrate

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/op"
	"github.com/uptrace/bun"
)

func nothing(context.Context, bun.IDB) error { return nil }

// initRegistry is filled during initialisation, as registries of programs are.
var (
	initRegistry = NewRegistry()
	_            = func() bool { initRegistry.Register(Migration{ID: "0001_variable", Up: nothing}); return true }()
)

func init() {
	initRegistry.Register(Migration{ID: "0002_direct", Up: nothing})
	registerFor(initRegistry, "0003_through_a_function")
	func() { initRegistry.Register(Migration{ID: "0004_in_a_literal", Up: nothing}) }()
}

func registerFor(r *Registry, id string) { r.Register(Migration{ID: id, Up: nothing}) }

func TestRegisterKnowsItsInit(t *testing.T) {
	lines := map[int]bool{}
	for _, k := range initRegistry.known() {
		if k.File != "registry_test.go" || !regexp.MustCompile(`^registry_test\.go:(2[0-9]|3[0-9])$`).MatchString(k.Where()) {
			t.Errorf("%s is said to be at %q", k.ID, k.Where())
		}
		if k.at.pkg != "github.com/leavendb/leaven/framework/migrate" {
			t.Errorf("%s is said to be in %q", k.ID, k.at.pkg)
		}
		lines[k.Line] = true
	}
	if len(lines) != 4 {
		t.Errorf("4 calls on 4 lines of init code have the lines %v", lines)
	}
}

func TestPackageFunctionRegisters(t *testing.T) {
	before := defaultRegistry
	defer func() { defaultRegistry = before }()
	defaultRegistry = NewRegistry()
	Register(Migration{ID: "0001_initial", Up: nothing})
	known := defaultRegistry.known()
	if len(known) != 1 || known[0].File != "registry_test.go" || known[0].Line == 0 {
		t.Errorf("known is %+v", known)
	}
}

func TestSplitFunction(t *testing.T) {
	for full, want := range map[string][2]string{
		"example.com/shop/migrations.init.0":       {"example.com/shop/migrations", "init.0"},
		"example.com/shop/migrations.init.0.func1": {"example.com/shop/migrations", "init.0.func1"},
		"main.init":                    {"main", "init"},
		"gopkg.in/shop%2ev2.init.3":    {"gopkg.in/shop.v2", "init.3"},
		"example.com/x.initialise":     {"example.com/x", "initialise"},
		"example.com/x.(*T).init":      {"example.com/x", "(*T).init"},
		"":                             {"", ""},
		"github.com/a/b.Register[...]": {"github.com/a/b", "Register[...]"},
	} {
		pkg, function := splitFunction(full)
		if pkg != want[0] || function != want[1] {
			t.Errorf("splitFunction(%q) = %q, %q", full, pkg, function)
		}
	}
	if isInit("initialise") || isInit("(*T).init") || !isInit("init") || !isInit("init.1.func2") {
		t.Error("isInit takes the wrong functions")
	}
}

func TestProblems(t *testing.T) {
	up := Migration{Up: nothing}
	with := func(id string, change func(*Migration)) Migration {
		m := up
		m.ID = id
		if change != nil {
			change(&m)
		}
		return m
	}
	after := func(ids ...string) func(*Migration) { return func(m *Migration) { m.After = ids } }
	create := Reversible(op.CreateTable{Name: "users"})
	for _, c := range []struct {
		name       string
		migrations []Migration
		want       []string // what each problem contains, in order
	}{
		{"none", []Migration{with("1_a", nil), with("2_b", nil)}, nil},
		{"nothing registered", nil, nil},
		{"empty ID", []Migration{up}, []string{"the ID is empty"}},
		{"malformed ID", []Migration{with("a", nil)}, []string{`"a" is malformed`}},
		{"malformed as a parent is one fault", []Migration{with("a", nil), with("b", after("a"))},
			[]string{`"a" is malformed`, `"b" is malformed`}},
		{"long ID", []Migration{with(strings.Repeat("1", 201), nil)}, []string{"201 bytes long"}},
		{"registered twice", []Migration{with("1_a", nil), with("2_b", nil), with("1_a", nil)}, []string{"1_a is registered twice: also at registry_test.go:"}},
		{"registered three times", []Migration{with("1_a", nil), with("1_a", nil), with("1_a", nil)}, []string{"twice", "twice"}},
		{"no Up", []Migration{{ID: "1_a"}}, []string{"1_a has neither Up nor Change"}},
		{"an empty Change", []Migration{{ID: "1_a", Change: Reversible()}}, []string{"1_a has neither Up nor Change"}},
		{"Change alone", []Migration{{ID: "1_a", Change: create}}, nil},
		{"Up and Change", []Migration{with("1_a", func(m *Migration) { m.Change = create })}, []string{"both Up and Change"}},
		{"Down and Change", []Migration{{ID: "1_a", Change: create, Down: nothing}}, []string{"both Down and Change"}},
		{"Change without reverse is no problem", []Migration{{ID: "1_a", Change: Reversible(op.DropTable{Name: "users"})}}, nil},
		{"nil operation", []Migration{{ID: "1_a", Change: Reversible(op.CreateTable{}, nil)}}, []string{"whose operation 2 is nil"}},
		{"unknown parent", []Migration{with("1_a", nil), with("2_b", after("1_x"))}, []string{`names the parent "1_x", which is not registered`}},
		{"its own parent", []Migration{with("1_a", after("1_a"))}, []string{"1_a names itself"}},
		{"parent twice", []Migration{with("1_a", nil), with("2_b", after("1_a", "1_a"))}, []string{"names its parent 1_a twice"}},
		{"cycle of two", []Migration{with("1_a", after("2_b")), with("2_b", after("1_a"))}, []string{"cycle: 1_a after 2_b after 1_a"}},
		{"cycle through an empty After", []Migration{with("1_a", after("2_b")), with("2_b", nil)},
			[]string{"cycle: 1_a after 2_b (no After: the previous ID) after 1_a"}},
		{"behind a cycle is no cycle", []Migration{with("1_a", after("2_b")), with("2_b", after("1_a")), with("3_c", nil), with("4_d", after("3_c"))},
			[]string{"cycle: 1_a after 2_b after 1_a"}},
		{"two cycles", []Migration{
			with("1_a", after("2_b")), with("2_b", after("1_a")),
			with("3_c", after("5_e", "2_b")), with("4_d", after("3_c")), with("5_e", after("4_d")),
		}, []string{"cycle: 1_a after 2_b after 1_a"}},
		{"two separate cycles", []Migration{
			with("1_a", after("2_b")), with("2_b", after("1_a")),
			with("3_c", after("4_d")), with("4_d", after("3_c")),
		}, []string{"cycle: 1_a after 2_b after 1_a", "cycle: 3_c after 4_d after 3_c"}},
		{"Rerunnable in a transaction", []Migration{with("1_a", func(m *Migration) { m.Rerunnable = true })}, []string{"Rerunnable without NoTx"}},
		{"Rerunnable and NoTx", []Migration{with("1_a", func(m *Migration) { m.Rerunnable, m.NoTx = true, true })}, nil},
		{"negative timeouts", []Migration{with("1_a", func(m *Migration) { m.LockTimeout, m.IdleTimeout = -1, -time.Second })},
			[]string{"negative IdleTimeout", "negative LockTimeout"}},
		{"all together", []Migration{{ID: "3_c"}, with("x", nil), with("2_b", after("9_z")), up},
			[]string{"ID is empty", "9_z", "neither Up", "malformed"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := NewRegistry()
			for _, m := range c.migrations {
				r.Register(m)
			}
			got := r.Problems()
			for i, p := range got {
				if !strings.HasPrefix(p.Where, "registry_test.go:") {
					t.Errorf("%q is at %q", p.Message, p.Where)
				}
				if i < len(c.want) && !strings.Contains(p.Message, c.want[i]) {
					t.Errorf("problem %d is %q, want something with %q", i, p.Message, c.want[i])
				}
			}
			if len(got) != len(c.want) {
				t.Errorf("%d problems, want %d: %v", len(got), len(c.want), got)
			}
			r.Migrations() // whatever is registered, there is an order
			r.heads()
		})
	}
}

func TestProblemNamesBothPlaces(t *testing.T) {
	r := NewRegistry()
	r.Register(Migration{ID: "0001_a", Up: nothing})
	r.Register(Migration{ID: "0001_a", Up: nothing})
	first := r.known()[0].Line
	p := r.Problems()[0]
	if want := fmt.Sprintf("registry_test.go:%d", first+1); p.Where != want {
		t.Errorf("the second place is %s, want %s", p.Where, want)
	}
	if want := fmt.Sprintf("registry_test.go:%d", first); !strings.HasSuffix(p.Message, want) {
		t.Errorf("the first place is missing in %q, want %s", p.Message, want)
	}
	err := error(&RegistryError{Problems: r.Problems()})
	if !errors.Is(err, ErrRegistry) || !strings.Contains(err.Error(), p.Where) {
		t.Errorf("the error is %v", err)
	}
}

func TestRegisterTakesACopy(t *testing.T) {
	r := NewRegistry()
	after := []string{"0001_a"}
	r.Register(Migration{ID: "0001_a", Up: nothing})
	r.Register(Migration{ID: "0002_b", After: after, Up: nothing})
	after[0] = "changed"
	r.Migrations()[1].After[0] = "changed"
	if got := r.Migrations()[1].After; got[0] != "0001_a" || r.Problems() != nil {
		t.Errorf("After has become %v, problems %v", got, r.Problems())
	}
}

func TestOrderIsComputedOnceAfterEachRegister(t *testing.T) {
	r := NewRegistry()
	r.Register(Migration{ID: "0001_a", Up: nothing})
	first := r.resolve()
	if r.resolve() != first {
		t.Error("the order was computed again without a Register")
	}
	r.Register(Migration{ID: "0002_b", Up: nothing})
	if got := len(r.Migrations()); got != 2 {
		t.Errorf("%d migrations after a second Register", got)
	}
}

func TestRegistryIsSafeForConcurrentUse(t *testing.T) {
	r := NewRegistry()
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for i := range 50 {
				r.Register(Migration{ID: fmt.Sprintf("%04d", g*50+i), Up: nothing})
				r.Problems()
				r.Migrations()
			}
		})
	}
	all.Wait()
	if got := r.Migrations(); len(got) != 400 || !slices.IsSortedFunc(got, func(a, b Migration) int { return strings.Compare(a.ID, b.ID) }) {
		t.Errorf("%d migrations, want 400 in order", len(got))
	}
}

func BenchmarkRegister(b *testing.B) {
	for b.Loop() {
		r := NewRegistry()
		for range 1000 {
			r.Register(Migration{ID: "0001_a", Up: nothing})
		}
	}
}
