package scaffold_test

import (
	"errors"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/leavendb/leaven/scaffold"
)

const (
	oldID = "20260104090000_ours"
	newID = "20260301120000_ours"
	likes = "20260103090000_likes"
)

// file makes a migration's file around the fields of its literal.
func file(fields string) string {
	return "package migrations\n\nimport \"github.com/leavendb/leaven/framework/migrate\"\n\n" +
		"// " + strings.Repeat("Text before. ", 3) + "\nfunc init() {\n\tmigrate.Register(migrate.Migration{" + fields + "})\n}\n\nvar  _ = 1\n"
}

func clean(text string) string { return strings.ReplaceAll(text, "var  _", "var _") }

// as makes a migration's file of a shape: «ID» becomes the ID, and «AFTER» the
// field After with its parents.
func as(shape, id string, after ...string) string {
	quoted := make([]string, len(after))
	for i, a := range after {
		quoted[i] = strconv.Quote(a)
	}
	return file(strings.NewReplacer("«ID»", `"`+id+`"`, "«AFTER»", "After: []string{"+strings.Join(quoted, ", ")+"}").Replace(shape))
}

// Only the strings change; everything around them stays, whether gofmt likes it
// or not.
func TestRebaseEditsTheLiteral(t *testing.T) {
	const second = "20260103100000_x"
	one, two := []string{likes}, []string{likes, second}
	for _, test := range []struct {
		what, before, after string
		parents             []string
	}{
		{"as new writes it",
			"\n\t\tID:    «ID»,\n\t\tAfter: []string{\"20260102090000_posts\"},\n\t\tUp:    up,\n\t",
			"\n\t\tID:    «ID»,\n\t\t«AFTER»,\n\t\tUp:    up,\n\t", one},
		{"no After", "\n\t\tID: «ID», // ours\n\t\tUp: up,\n\t", "\n\t\tID: «ID», // ours\n\t\t«AFTER»,\n\t\tUp: up,\n\t", one},
		{"no After, nothing but the ID", "\n\t\tID: «ID»,\n\t", "\n\t\tID: «ID»,\n\t\t«AFTER»,\n\t", one},
		{"no After, ID is the last", "\n\t\tUp: up,\n\t\tID: «ID»,\n\t", "\n\t\tUp: up,\n\t\tID: «ID»,\n\t\t«AFTER»,\n\t", one},
		{"no After, one line", "ID: «ID», Up: up", "ID: «ID», «AFTER», Up: up", one},
		{"no After, one line, nothing else", "ID: «ID»", "ID: «ID», «AFTER»", one},
		{"no After, ID on the line of the brace", "ID: «ID»,\n\t\tUp: up,\n\t", "ID: «ID», «AFTER»,\n\t\tUp: up,\n\t", one},
		{"After is nil", "ID: «ID», After: nil", "ID: «ID», «AFTER»", one},
		{"After is empty", "ID: «ID», After: []string{}", "ID: «ID», «AFTER»", one},
		{"more parents", "ID: «ID», After: []string{\"a\", /* x */}", "ID: «ID», After: []string{\"" + likes + "\", \"" + second + "\", /* x */}", two},
		{"fewer parents", "ID: «ID», After: []string{\"a\", \"b\", \"c\"}", "ID: «ID», «AFTER»", two},
		{"a parent on each line, with remarks",
			"\n\t\tAfter: []string{\n\t\t\t\"a\", // one\n\t\t\t\"b\", // two\n\t\t},\n\t\tID: `" + oldID + "`,\n\t",
			"\n\t\tAfter: []string{\n\t\t\t\"" + likes + "\", // one\n\t\t\t\"" + second + "\", // two\n\t\t},\n\t\tID: «ID»,\n\t", two},
		{"windows lines", "\r\n\t\tID: «ID»,\r\n\t\tUp: up,\r\n\t", "\r\n\t\tID: «ID»,\r\n\t\t«AFTER»,\r\n\t\tUp: up,\r\n\t", one},
		{"a generated file",
			"\n//line other.go:100\n\t\tID: «ID», After: []string{\"a\"},\n\t",
			"\n//line other.go:100\n\t\tID: «ID», «AFTER»,\n\t", one},
	} {
		t.Run(test.what, func(t *testing.T) {
			before, want := as(test.before, oldID), as(test.after, newID, test.parents...)
			if got := rebased(t, before, test.parents); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			// The same in a file that gofmt has nothing to say about: it stays so.
			pretty, err := format.Source([]byte(clean(before)))
			if err != nil {
				t.Fatal(err)
			}
			got := rebased(t, string(pretty), test.parents)
			again, err := format.Source([]byte(got))
			if err != nil || string(again) != got {
				t.Errorf("gofmt would change it, %v:\n%s", err, got)
			}
		})
	}
}

// rebased is the file of the migration oldID after its rebase.
func rebased(t *testing.T, text string, after []string) string {
	t.Helper()
	got, err := scaffold.Rebase{Old: oldID, New: newID, After: after}.Files(fstest.MapFS{oldID + ".go": {Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Edits) != 1 || got.Edits[0].To != newID+".go" {
		t.Fatalf("edits %+v", got.Edits)
	}
	return string(got.Edits[0].Text)
}

func TestRebaseRefuses(t *testing.T) {
	own := oldID + ".go"
	fine := file("ID: \"" + oldID + "\"")
	for _, test := range []struct {
		what  string
		files map[string]string
		want  string
	}{
		{"no literal", map[string]string{own: "package m\n"}, own + ":1: there is no migrate.Migration{…} in it"},
		{"a constant", map[string]string{own: file("\nID: id,\n")}, own + ":7: its ID is not the plain string"},
		{"another ID", map[string]string{own: file("ID: \"20260104090000_hours\"")}, own + ":7: its ID is not the plain string"},
		{"a computed After", map[string]string{own: file("\nID: \"" + oldID + "\",\nAfter: parents(),\n")}, own + ":9: After is not a list of plain strings"},
		{"a constant in After", map[string]string{own: file("ID: \"" + oldID + "\", After: []string{first}")}, "After is not a list"},
		{"twice", map[string]string{own: fine, "b.go": fine}, "b.go:7: the ID " + oldID + " is registered twice: also in " + own},
		{"not at all", map[string]string{"b.go": "package m // " + oldID}, "no file here has"},
		{"no Go", map[string]string{own: "package m\nfunc {"}, own + ":2:6"},
		{"no Go elsewhere", map[string]string{own: fine, "b.go": "package m\nvar x = {\"" + oldID + "\"}"}, "b.go:2:"},
		{"a file of the new name", map[string]string{own: fine, newID + ".go": "package m"}, "there is a file " + newID + ".go already"},
		{"a remark over two lines", map[string]string{own: file("\n\t\tID: \"" + oldID + "\", /* a\n b */\n")}, "cannot be edited as they are laid out"},
	} {
		dir := fstest.MapFS{}
		for name, text := range test.files {
			dir[name] = &fstest.MapFile{Data: []byte(text)}
		}
		_, err := scaffold.Rebase{Old: oldID, New: newID, After: []string{likes}}.Files(dir)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", test.what, err, test.want)
		}
		var place *scaffold.SourceError
		if strings.HasPrefix(test.want, own) && !strings.Contains(test.want, "2:6") && !errors.As(err, &place) {
			t.Errorf("%s: no *SourceError: %T", test.what, err)
		}
	}
}

// Children follow, wherever they stand; texts that only speak of the ID do not.
func TestRebaseTakesChildrenAlong(t *testing.T) {
	dir := fstest.MapFS{
		oldID + ".go":            {Data: []byte(file("ID: \""+oldID+"\"") + "\n// " + oldID + " is ours.\n")},
		"20260105090000_c.go":    {Data: []byte(file("ID: \"20260105090000_c\", After: []string{\"" + likes + "\", \"" + oldID + "\"}"))},
		"more.go":                {Data: []byte(file("ID: child, After: []string{`" + oldID + "`}"))},
		"20260106090000_d.go":    {Data: []byte(file("ID: \"20260106090000_d\", After: []string{\"" + oldID + "_too\"}"))},
		oldID + "_test.go":       {Data: []byte("package migrations\n\nvar x = \"" + oldID + "\"\n")},
		"20260107090000_none.go": {Data: []byte("package migrations\n\nvar {")},
	}
	got, err := scaffold.Rebase{Old: oldID, New: newID, After: []string{likes}}.Files(dir)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"20260105090000_c", "more.go"}; !slices.Equal(got.Children, want) {
		t.Errorf("children %q, want %q", got.Children, want)
	}
	if want := []string{newID + ".go", oldID + "_test.go"}; !slices.Equal(got.Mentions, want) {
		t.Errorf("mentions %q, want %q", got.Mentions, want)
	}
	var names []string
	for _, e := range got.Edits {
		names = append(names, e.Name+" "+e.To)
	}
	if want := []string{oldID + ".go " + newID + ".go", "20260105090000_c.go 20260105090000_c.go", "more.go more.go"}; !slices.Equal(names, want) {
		t.Errorf("edits %q, want %q", names, want)
	}
	if text := string(got.Edits[1].Text); !strings.Contains(text, "After: []string{\""+likes+"\", \""+newID+"\"}") {
		t.Error(text)
	}
}

// A file that is not named after the ID keeps its name.
func TestRebaseKeepsAnotherName(t *testing.T) {
	dir := fstest.MapFS{"all.go": {Data: []byte(file("ID: \"" + oldID + "\""))}}
	got, err := scaffold.Rebase{Old: oldID, New: newID, After: []string{likes}}.Files(dir)
	if err != nil || len(got.Edits) != 1 || got.Edits[0].To != "all.go" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	put := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("a.go", "a")
	put("c.go", "c")
	edits := []scaffold.Edit{{Name: "a.go", To: "b.go", Text: []byte("b")}, {Name: "c.go", To: "c.go", Text: []byte("d")}}

	t.Run("all or nothing", func(t *testing.T) {
		for _, bad := range []scaffold.Edit{{Name: "gone.go", To: "gone.go"}, {Name: "gone.go", To: "x.go"}, {Name: "c.go", To: "b.go"}} {
			err := scaffold.Rebased{Edits: append(slices.Clone(edits), bad)}.Write(dir)
			if err == nil {
				t.Fatal("there is no such file, or one that is in the way")
			}
			if got := contents(t, dir); got != "a.go=a c.go=c" {
				t.Errorf("after %v: %s", err, got)
			}
		}
	})
	t.Run("what is there stays", func(t *testing.T) {
		put("b.go", "theirs")
		err := scaffold.Rebased{Edits: edits}.Write(dir)
		if !errors.Is(err, fs.ErrExist) {
			t.Errorf("got %v", err)
		}
		if got := contents(t, dir); got != "a.go=a b.go=theirs c.go=c" {
			t.Error(got)
		}
		if err := os.Remove(filepath.Join(dir, "b.go")); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("done", func(t *testing.T) {
		if err := (scaffold.Rebased{Edits: edits}).Write(dir); err != nil {
			t.Fatal(err)
		}
		if got := contents(t, dir); got != "b.go=b c.go=d" {
			t.Error(got)
		}
		for _, name := range []string{"b.go", "c.go"} {
			if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v, %v", name, info.Mode(), err)
			}
		}
	})
}

func contents(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprintf("%s=%s", e.Name(), text))
	}
	return strings.Join(all, " ")
}
