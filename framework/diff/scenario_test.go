package diff_test

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/leavendb/leaven/framework/diff"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

var update = flag.Bool("update", false, "write testdata/scenarios.golden anew")

// scenario is one pair of schemas. What comes of it stands in
// testdata/scenarios.golden under its name.
type scenario struct {
	name     string
	from, to *schema.Schema
	options  diff.Options
	on       servers
	empty    bool // no row fits
}

// servers says on which databases a scenario is run for real.
type servers uint8

const (
	both servers = iota
	postgresOnly
	sqliteOnly
	nowhere // it is about something that a server would not show
)

// can is what PostgreSQL can.
var can = diff.Capabilities{ConcurrentIndexes: true, NotValid: true, Casts: true}

const goldenFile = "testdata/scenarios.golden"

// Every scenario twice: with no capability, and with all of them where that
// makes a difference.
func TestScenarios(t *testing.T) {
	var told strings.Builder
	seen := map[string]bool{}
	for _, s := range scenarios() {
		if seen[s.name] {
			t.Errorf("two scenarios %q", s.name)
		}
		seen[s.name] = true
		safe := s.options
		safe.Can = can
		plain, careful := tell(t, s, s.options), tell(t, s, safe)
		fmt.Fprintf(&told, "== %s\n%s", s.name, plain)
		if careful != plain {
			fmt.Fprintf(&told, "-- safely\n%s", careful)
		}
		told.WriteString("\n")
	}
	if len(seen) < 150 {
		t.Errorf("%d scenarios", len(seen))
	}
	if *update {
		if err := os.WriteFile(goldenFile, []byte(told.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(told.String(), "\n")); d != "" {
		t.Fatalf("not as in %s (-want +got); -update writes it anew:\n%s", goldenFile, d)
	}
}

// tell runs a scenario, checks the laws, and describes the result.
func tell(t *testing.T, s scenario, o diff.Options) string {
	t.Helper()
	r, err := diff.Compare(s.from, s.to, o)
	if err != nil {
		return "error: " + err.Error() + "\n"
	}
	for range 5 {
		again, err := diff.Compare(s.from, s.to, o)
		if err != nil || !reflect.DeepEqual(r, again) {
			t.Fatalf("%s: another result the second time", s.name)
		}
	}
	if err := laws(s.from, s.to, o, r); err != nil {
		t.Errorf("%s: %v", s.name, err)
	}
	return describe(r)
}

// laws checks that the second comparison finds nothing, and that the reverses
// restore what was.
func laws(from, to *schema.Schema, o diff.Options, r diff.Result) error {
	at := from.Clone()
	for _, o := range r.Ops() {
		if err := o.Apply(at); err != nil {
			return err
		}
	}
	second, err := diff.Compare(quoted(at), quoted(to), after(o, r))
	if err != nil {
		return fmt.Errorf("the second comparison: %w", err)
	}
	if !second.Empty() {
		return fmt.Errorf("the second comparison finds\n%s", describe(second))
	}
	for _, part := range slices.Backward(r.Parts) {
		back, err := part.Reverse()
		if err != nil {
			return err
		}
		for _, o := range back {
			if err := o.Apply(at); err != nil {
				return fmt.Errorf("back: %w", err)
			}
		}
	}
	if d := cmp.Diff(forget(from), forget(at), same); d != "" {
		return fmt.Errorf("back (-want +got):\n%s", d)
	}
	return nil
}

// quoted quotes the names of columns in all expressions, as the fold does with
// those that it renames; a server would spell both sides.
func quoted(s *schema.Schema) *schema.Schema {
	s = s.Clone()
	for _, t := range s.Tables {
		for _, c := range t.Columns {
			s.RenameColumn(t, c.Name, c.Name)
		}
	}
	return s
}

// forget takes away what the way there and back may change: the fold keeps a
// key's columns NOT NULL, and what was validated stays valid.
func forget(s *schema.Schema) *schema.Schema {
	s = quoted(s)
	for _, t := range s.Tables {
		for i, c := range t.Columns {
			if slices.Contains(t.PrimaryKey, c.Name) {
				t.Columns[i].NotNull = true
			}
		}
		// A name that was left open is the given one afterwards.
		for i, u := range t.Uniques {
			t.Uniques[i].Name = op.GivenName(t, u)
		}
		for i, c := range t.Checks {
			t.Checks[i].Name, t.Checks[i].NotValid = op.GivenName(t, c), false
		}
		for i, f := range t.ForeignKeys {
			t.ForeignKeys[i].Name, t.ForeignKeys[i].NotValid = op.GivenName(t, f), false
		}
	}
	return s
}

var same = cmp.Options{
	cmp.Comparer(func(a, b schema.Type) bool { return a.Equal(b) }),
	cmp.Comparer(func(a, b schema.Expression) bool { return a.Equal(b) }),
	cmpopts.EquateEmpty(),
	sorted[schema.Column](), sorted[*schema.Table](), sorted[*schema.Enum](), sorted[*schema.View](), sorted[*schema.Sequence](),
	sorted[schema.Unique](), sorted[schema.Check](), sorted[schema.ForeignKey](), sorted[schema.Exclusion](), sorted[schema.Index](),
	sorted[schema.Trigger](), sorted[schema.Extension](),
}

func sorted[T any]() cmp.Option {
	return cmpopts.SortSlices(func(a, b T) bool { return text(a) < text(b) })
}

func text(v any) string {
	switch v := v.(type) {
	case *schema.Table:
		return v.Schema + "." + v.Name
	case *schema.Enum:
		return v.Schema + "." + v.Name
	case *schema.View:
		return v.Schema + "." + v.Name
	case *schema.Sequence:
		return v.Schema + "." + v.Name
	case schema.Column:
		return v.Name
	}
	return fmt.Sprint(v)
}

// describe tells a result in short: the titles of changes, their operations part
// by part with the risks behind, and what else there is to say.
func describe(r diff.Result) string {
	var b strings.Builder
	if r.Empty() {
		b.WriteString("nothing to do\n")
	}
	for i, part := range r.Parts {
		if len(r.Parts) > 1 {
			title := part.Title
			if part.NoTx {
				title += " (no transaction)"
			}
			fmt.Fprintf(&b, "part %d: %s\n", i+1, title)
		}
		last := -1
		for _, step := range part.Steps {
			if step.Change != last {
				fmt.Fprintf(&b, "* %s\n", r.Changes[step.Change].Title)
				last = step.Change
			}
			fmt.Fprintf(&b, "    %s\n", short(step.Op))
			for _, m := range step.Remarks {
				fmt.Fprintf(&b, "      [%s] %s\n", m.Risk, m.Text)
			}
		}
	}
	for _, o := range r.Strangers {
		fmt.Fprintf(&b, "stranger: %s\n", o)
	}
	for _, c := range r.Candidates {
		fmt.Fprintf(&b, "renamed? %s -> %s\n", c.From, c.To)
	}
	for _, c := range r.PassedOver {
		fmt.Fprintf(&b, "passed over: %s -> %s\n", c.From, c.To)
	}
	for _, text := range r.Unexpressed {
		fmt.Fprintf(&b, "unexpressed: %s\n", text)
	}
	return b.String()
}

// short is the operation as it tells itself, with what matters here behind.
func short(o op.Op) string {
	var more []string
	add := func(is bool, what string) {
		if is {
			more = append(more, what)
		}
	}
	switch o := o.(type) {
	case op.CreateTable:
		add(len(o.ForeignKeys) > 0, fmt.Sprintf("%d foreign keys", len(o.ForeignKeys)))
	case op.AlterColumn:
		more = append(more, strings.TrimPrefix(strings.Join(schema.ColumnDifferences(
			&schema.Table{Columns: []schema.Column{o.From}}, &schema.Table{Columns: []schema.Column{o.To}}, o.To.Name), "; "), "column ."+o.To.Name+": "))
		add(!o.Using.IsZero(), "using "+o.Using.String())
		add(!o.UsingBack.IsZero(), "and back using "+o.UsingBack.String())
	case op.AddForeignKey:
		add(o.ForeignKey.NotValid, "not valid")
	case op.AddCheck:
		add(o.Check.NotValid, "not valid")
	case op.CreateIndex:
		add(o.Concurrently, "concurrently")
	case op.AddEnumValue:
		add(o.Before != "", "before "+o.Before)
		add(o.After != "", "after "+o.After)
	}
	if len(more) == 0 {
		return o.String()
	}
	return o.String() + " (" + strings.Join(more, ", ") + ")"
}
