package house

import (
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"
)

// entries is what the owner of the repository wants to see at the top. Dotfiles
// come on top of it, and data and bin, which git ignores.
var entries = []string{"framework", "models", "migrations", "cmd", "scaffold", "go.mod", "go.sum", "Makefile", "README.md"}

func wrongEntries(tree fs.FS) ([]string, error) {
	missing := map[string]bool{"data": false, "bin": false}
	for _, e := range entries {
		missing[e] = true
	}
	there, err := fs.ReadDir(tree, ".")
	if err != nil {
		return nil, err
	}
	var found []string
	for _, e := range there {
		if _, known := missing[e.Name()]; !known && !strings.HasPrefix(e.Name(), ".") {
			found = append(found, e.Name()+" does not belong at the top of the repository: move it below framework/, or delete it")
		}
		missing[e.Name()] = false
	}
	for _, e := range entries {
		if missing[e] {
			found = append(found, e+" is missing at the top of the repository")
		}
	}
	return found, nil
}

func TestTopLevelEntries(t *testing.T) {
	found, err := wrongEntries(os.DirFS(top(t)))
	if err != nil {
		t.Fatal(err)
	}
	report(t, found)
}

func TestTopLevelRule(t *testing.T) {
	for _, c := range []struct{ name, add, remove, want string }{
		{name: "as it should be"},
		{name: "a dotfile", add: ".golangci.yml"},
		{name: "an ignored directory", add: "data/app.db"},
		{name: "one too many", add: "docs/index.md", want: "docs does not belong"},
		{name: "a licence nobody chose", add: "LICENSE", want: "LICENSE does not belong"},
		{name: "one too few", remove: "Makefile", want: "Makefile is missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := map[string]string{}
			for _, e := range entries {
				if path.Ext(e) == "" && e != "Makefile" {
					e += "/x.go"
				}
				files[e] = "package x"
			}
			if c.add != "" {
				files[c.add] = ""
			}
			delete(files, c.remove)
			found, err := wrongEntries(tree(files))
			if err != nil {
				t.Fatal(err)
			}
			expect(t, found, c.want)
		})
	}
}

// empty names say that things were thrown together, not what they are.
var empty = []string{"util", "utils", "common", "helper", "helpers", "misc"}

func emptyNames(files []source) []string {
	var found []string
	said := map[string]bool{}
	for _, s := range files {
		dir := path.Dir(s.path)
		file := strings.TrimSuffix(strings.TrimSuffix(path.Base(s.path), ".go"), "_test")
		for _, n := range empty {
			if path.Base(dir) == n && !said[dir] {
				said[dir] = true
				found = append(found, dir+": name the package after what is inside")
			}
			if file == n {
				found = append(found, s.path+": name the file after what is inside")
			}
		}
	}
	return found
}

func TestNamesSayWhatIsInside(t *testing.T) {
	report(t, emptyNames(sources(t, os.DirFS(top(t)))))
}

func TestNamesRule(t *testing.T) {
	for file, want := range map[string]string{
		"framework/op/table.go":        "",
		"framework/testdata/util/x.go": "",
		"framework/util/x.go":          "framework/util: name the package",
		"framework/op/helpers_test.go": "name the file",
		"cmd/migrate/common.go":        "name the file",
	} {
		expect(t, emptyNames(sources(t, tree(map[string]string{file: "package x"}))), want)
	}
}
