package project_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/leavendb/leaven/scaffold/project"
)

func TestCompareAndWrite(t *testing.T) {
	dir := t.TempDir()
	put := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("same.txt", "same\n")
	put("other.txt", "theirs\n")
	put("part.txt", "theirs")
	put("done.txt", "theirs\n\n# Ours\nchanged by them\n")
	put("empty.txt", "")
	files := []project.File{
		{Path: "deep/new.txt", Text: []byte("new\n")},
		{Path: "same.txt", Text: []byte("same\n")},
		{Path: "other.txt", Text: []byte("ours\n")},
		{Path: "part.txt", Text: []byte("# Ours\npart\n"), Section: true, Head: []byte("head\n\n")},
		{Path: "done.txt", Text: []byte("# Ours\npart\n"), Section: true},
		{Path: "empty.txt", Text: []byte("# Ours\n"), Section: true},
		{Path: "fresh.txt", Text: []byte("# Ours\n"), Section: true, Head: []byte("head\n\n")},
	}
	want := map[string]project.Kind{"deep/new.txt": project.Add, "same.txt": project.Keep, "other.txt": project.Replace,
		"part.txt": project.Extend, "done.txt": project.Keep, "empty.txt": project.Extend, "fresh.txt": project.Add}
	changes, err := project.Compare(dir, files)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		if c.Kind != want[c.Path] {
			t.Errorf("%s: kind %d, want %d", c.Path, c.Kind, want[c.Path])
		}
		if (c.Diff() == "") != (c.Kind == project.Keep) {
			t.Errorf("%s: diff %q", c.Path, c.Diff())
		}
		if err := c.Write(dir); err != nil {
			t.Errorf("%s: %v", c.Path, err)
		}
	}
	for name, text := range map[string]string{
		"deep/new.txt": "new\n", "same.txt": "same\n", "other.txt": "ours\n", "part.txt": "theirs\n\n# Ours\npart\n",
		"done.txt": "theirs\n\n# Ours\nchanged by them\n", "empty.txt": "# Ours\n", "fresh.txt": "head\n\n# Ours\n",
	} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != text {
			t.Errorf("%s: %q, %v, want %q", name, got, err, text)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "part.txt")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the mode was not kept: %v, %v", info.Mode(), err)
	}

	again, err := project.Compare(dir, files)
	if err != nil || slices.ContainsFunc(again, func(c project.Change) bool { return c.Kind != project.Keep }) {
		t.Errorf("the second time something is left to do: %+v, %v", again, err)
	}
	late := project.Change{Path: "same.txt", Before: []byte("what it was\n"), After: []byte("x"), Kind: project.Replace}
	if err := late.Write(dir); err == nil || !strings.Contains(err.Error(), "changed by somebody else") {
		t.Error(err)
	}
	if err := changes[0].Write(dir); err == nil {
		t.Error("a new file took the place of one that is there now")
	}
	if _, err := project.Compare(dir, []project.File{{Path: "../out"}}); err == nil {
		t.Error("a path that leads out of the folder")
	}
}

func TestGoMod(t *testing.T) {
	dir := filepath.Join(string(filepath.Separator), "src", "shop")
	for _, c := range []struct {
		what, text string
		from       project.Origin
		want       string
	}{
		{"from a checkout beside it", "module shop\n\ngo 1.25.0\n", project.Origin{Checkout: "/src/leaven"},
			"module shop\n\ngo 1.25.0\n\nrequire github.com/leavendb/leaven v0.0.0\n\nreplace github.com/leavendb/leaven => ../leaven\n"},
		{"from a checkout above it", "module shop\n", project.Origin{Checkout: "/src"},
			"module shop\n\nrequire github.com/leavendb/leaven v0.0.0\n\nreplace github.com/leavendb/leaven => ..\n"},
		{"from far away", "module shop\n", project.Origin{Checkout: "/home/me/go/leaven"},
			"module shop\n\nrequire github.com/leavendb/leaven v0.0.0\n\nreplace github.com/leavendb/leaven => ../../home/me/go/leaven\n"},
		{"published", "module shop\n", project.Origin{Version: "v1.2.3"}, "module shop\n\nrequire github.com/leavendb/leaven v1.2.3\n"},
		{"required by hand", "module shop\n\nrequire github.com/leavendb/leaven v1.0.0\n", project.Origin{Version: "v1.2.3"}, "module shop\n\nrequire github.com/leavendb/leaven v1.0.0\n"},
		{"replaced by hand", "module shop\n\nrequire github.com/leavendb/leaven v0.0.0\n\nreplace github.com/leavendb/leaven => /mine\n", project.Origin{Checkout: "/src/leaven"},
			"module shop\n\nrequire github.com/leavendb/leaven v0.0.0\n\nreplace github.com/leavendb/leaven => /mine\n"},
	} {
		got, err := c.from.GoMod([]byte(c.text), dir)
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %v\n%s\nwant\n%s", c.what, err, got, c.want)
		}
	}
	if got := (project.Origin{Checkout: "/home/me/go/leaven"}).ReplacePath("/srv/apps/of/mine"); got != "/home/me/go/leaven" {
		t.Errorf("far away: %s", got)
	}
	if _, err := (project.Origin{Version: "v1.2.3"}).GoMod([]byte("what"), dir); err == nil {
		t.Error("no error for what is no go.mod")
	}
	if got := string(project.GoSum([]byte("b v1 h1:x\n"), []byte("a v1 h1:x\nb v1 h1:x\n"))); got != "a v1 h1:x\nb v1 h1:x\n" {
		t.Errorf("%q", got)
	}
}

func TestFindModels(t *testing.T) {
	goFile := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	got, err := project.FindModels(fstest.MapFS{
		"store/b.go":         goFile("package db\ntype Order struct { bun.BaseModel `bun:\"table:orders\"`\nTags []*Tag `bun:\"m2m:order_tags,join:Order=Tag\"` }\ntype Tag struct { bun.BaseModel }\ntype tag struct { bun.BaseModel }\ntype Filter struct{}\n"),
		"store/j.go":         goFile("package db\nfunc All() []any { return nil }\ntype OrderTag struct { bun.BaseModel `bun:\"table:order_tags,alias:x\"` }"),
		"store/b_test.go":    goFile("package db\ntype Fixture struct { bun.BaseModel }"),
		"store/broken.go":    goFile("package db\ntype {"),
		"vendor/x/x.go":      goFile("package x\ntype Vendored struct { bun.BaseModel }"),
		"other/go.mod":       goFile("module other"),
		"other/x.go":         goFile("package x\ntype Other struct { bun.BaseModel }"),
		"web/page.go":        goFile("package web\ntype Page struct { Title string }"),
		"migrations/1_a.go":  goFile("package migrations\nfunc init() { type frozen struct { bun.BaseModel } }"),
		"cmd/tool/main.go":   goFile("package main\ntype Row struct { bun.BaseModel }"),
		"testdata/models.go": goFile("package models\ntype T struct { bun.BaseModel }"),
	})
	want := []project.ModelPackage{
		{Dir: "cmd/tool", Name: "main", Models: []string{"Row"}},
		{Dir: "store", Name: "db", Models: []string{"OrderTag", "Order", "Tag"}, Listed: true},
	}
	if err != nil || !slices.EqualFunc(got, want, func(a, b project.ModelPackage) bool {
		return a.Dir == b.Dir && a.Name == b.Name && a.Listed == b.Listed && slices.Equal(a.Models, b.Models)
	}) {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
}
