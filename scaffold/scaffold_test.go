package scaffold_test

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/leavendb/leaven/scaffold"
	"github.com/leavendb/leaven/scaffold/project"
)

// The wiring of this repository's own application is what the scaffold writes.
func TestTheReferenceAppIsTheScaffoldsOutput(t *testing.T) {
	for path, render := range map[string]func() ([]byte, error){
		"../cmd/migrate/main.go": func() ([]byte, error) {
			return scaffold.Main(scaffold.Wiring{Module: "github.com/leavendb/leaven"})
		},
		"../migrations/sources.go": scaffold.Sources,
		"../models/models.go": func() ([]byte, error) {
			return scaffold.Models(listedModels(t)...)
		},
	} {
		want, err := render()
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the scaffold writes:\n%s", path, want)
		}
		again, _ := render()
		if !bytes.Equal(want, again) {
			t.Errorf("%s: two renderings differ", path)
		}
	}
}

// listedModels are the models that the reference app lists, which must be all of
// those that it has.
func listedModels(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../models/models.go")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range regexp.MustCompile(`\(\*(\w+)\)\(nil\)`).FindAllSubmatch(text, -1) {
		names = append(names, string(m[1]))
	}
	packages, err := project.FindModels(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range packages {
		for _, name := range p.Models {
			if p.Dir == "models" && !slices.Contains(names, name) {
				t.Errorf("models.All does not list %s", name)
			}
		}
	}
	return names
}

func TestMainNeedsAModule(t *testing.T) {
	if _, err := scaffold.Main(scaffold.Wiring{}); err == nil {
		t.Error("no error")
	}
	text, err := scaffold.Main(scaffold.Wiring{Name: "db", Module: "example.com/shop", Dialects: []string{"sqlite"}})
	if err != nil || bytes.Contains(text, []byte("postgres")) || !bytes.Contains(text, []byte(`"example.com/shop/models"`)) {
		t.Errorf("%v\n%s", err, text)
	}
}

func TestID(t *testing.T) {
	now := time.Date(2026, 11, 21, 10, 30, 0, 999, time.FixedZone("", 3600))
	for _, c := range []struct {
		name  string
		taken []string
		want  string
	}{
		{"add invoices", nil, "20261121093000_add_invoices"},
		{"AddUsersEMail", nil, "20261121093000_add_users_email"},
		{"  user's — e-mail!! ", nil, "20261121093000_users_e_mail"},
		{"x", []string{"0001_initial", "20261121093000_other"}, "20261121093001_x"},
		{"x", []string{"20261121093000_a", "20261121093001_b"}, "20261121093002_x"},
		{"x", []string{"20270101000000_from_a_clock_that_is_ahead"}, "20270101000001_x"},
		{"???", nil, ""}, {"", nil, ""}, {"add test", nil, ""}, {"for_windows", nil, ""}, {"Arm64", nil, "20261121093000_arm64!"},
		{strings.Repeat("long", 40), nil, ""},
	} {
		got, err := scaffold.ID(now, c.name, c.taken)
		if strings.HasSuffix(c.want, "!") {
			c.want = "" // one word alone is a condition too: the ID puts "_" before it
		}
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%q: %q %v, want %q", c.name, got, err, c.want)
		}
	}
}

func TestHeads(t *testing.T) {
	file := func(id, after string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("package history\nfunc init() { migrate.Register(migrate.Migration{ID: \"" + id + "\", " + after + "}) }\n")}
	}
	for name, c := range map[string]struct {
		files fstest.MapFS
		heads []string
	}{
		"none":                {fstest.MapFS{"sources.go": {Data: []byte("package history")}}, nil},
		"chain":               {fstest.MapFS{"1_a.go": file("1_a", ""), "2_b.go": file("2_b", `After: []string{"1_a"}`)}, []string{"2_b"}},
		"no After":            {fstest.MapFS{"1_a.go": file("1_a", ""), "2_b.go": file("2_b", "")}, []string{"2_b"}},
		"two":                 {fstest.MapFS{"1_a.go": file("1_a", ""), "2_b.go": file("2_b", `After: []string{"1_a"}`), "3_c.go": file("3_c", `After: []string{"1_a"}`)}, []string{"2_b", "3_c"}},
		"one does not parse":  {fstest.MapFS{"1_a.go": file("1_a", ""), "2_b.go": {Data: []byte("package history\nfunc {")}}, []string{"2_b"}},
		"tests do not count":  {fstest.MapFS{"1_a.go": file("1_a", ""), "2_b_test.go": file("2_b", "")}, []string{"1_a"}},
		"others do not count": {fstest.MapFS{"1_a.go": file("1_a", ""), "words.go": {Data: []byte("package history\nvar x = T{ID: \"9_z\"}")}}, []string{"1_a"}},
	} {
		f, err := scaffold.ReadFolder(c.files)
		if err != nil || !slices.Equal(f.Heads(), c.heads) || f.Package != "history" {
			t.Errorf("%s: %q %q %v, want %q", name, f.Package, f.Heads(), err, c.heads)
		}
	}
}

func ExampleMigration_File() {
	text, err := scaffold.Migration{ID: "20261121090000_add_invoices", After: []string{"20261120171500_initial"}}.File()
	if err != nil {
		fmt.Println(err)
		return
	}
	_, literal, _ := strings.Cut(string(text), "func init() {\n")
	fmt.Print(literal)
	// Output:
	// 	migrate.Register(migrate.Migration{
	// 		ID:    "20261121090000_add_invoices",
	// 		After: []string{"20261120171500_initial"},
	// 		Up: func(ctx context.Context, db bun.IDB) error {
	// 			return op.Run(ctx, db)
	// 		},
	// 		Down: func(ctx context.Context, db bun.IDB) error {
	// 			return op.Run(ctx, db)
	// 		},
	// 	})
	// }
}
