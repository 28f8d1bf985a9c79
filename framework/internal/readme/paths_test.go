package readme

import (
	"debug/elf"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

var (
	pathLike = regexp.MustCompile(`^\.?[\w.-]*/[\w./-]*$|^\w+\.(go|md|mod)$`)
	link     = regexp.MustCompile(`\]\(([^)#]+)\)`)
)

// pathsExist looks for each file and folder that a document names. It runs after
// the commands, which make some of them.
func (c checkout) pathsExist(t *testing.T, d document) {
	t.Helper()
	named := slices.Clone(d.spans)
	for _, m := range link.FindAllStringSubmatch(d.text, -1) {
		if !strings.Contains(m[1], "://") {
			named = append(named, path.Join(path.Dir(d.path), m[1]))
		}
	}
	for _, s := range named {
		if s == module || strings.HasPrefix(s, "/") { // the machine's
			continue
		}
		if pathLike.MatchString(s) && !c.has(s) {
			t.Errorf("%s names %s, which is not there", d.path, s)
		}
	}
}

const module = "github.com/leavendb/leaven"

// TestClaims looks into the files that stand for claims.
func TestClaims(t *testing.T) {
	top := repository(t)
	rows := documents(t, top)[0].table("claim | test")
	if len(rows) == 0 {
		t.Fatal("README.md has no table of claims")
	}
	for _, row := range rows {
		name := strings.Trim(row[len(row)-1], "` ")
		files := []string{filepath.Join(top, name)}
		if info, err := os.Stat(files[0]); err != nil {
			t.Errorf("%q is said to be tested in %s: %v", row[0], name, err)
			continue
		} else if info.IsDir() {
			files, _ = filepath.Glob(filepath.Join(top, name, "*.go"))
		}
		if !containsTest(t, files) {
			t.Errorf("%q is said to be tested in %s, where no test is", row[0], name)
		}
	}
}

var testFunction = regexp.MustCompile(`\nfunc (Test|Run)\w*\(t \*?testing\.`)

func containsTest(t *testing.T, files []string) bool {
	t.Helper()
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if testFunction.Match(text) {
			return true
		}
	}
	return false
}

// TestTreeOfPackages compares the drawing of the tree with the tree.
func TestTreeOfPackages(t *testing.T) {
	top := repository(t)
	drawn := map[string]bool{}
	for _, b := range documents(t, top)[0].of("") {
		for line := range strings.Lines(b.text) {
			under := ""
			if strings.HasPrefix(line, " ") {
				under = "framework/"
			}
			names := strings.Fields(line)
			if under == "" {
				names, _ = cutWhile(names, func(s string) bool { return strings.HasSuffix(s, "/") })
			} else {
				names = names[:1]
			}
			for _, n := range names {
				drawn[under+n] = true
				if info, err := os.Stat(filepath.Join(top, under+n)); err != nil || !info.IsDir() {
					t.Errorf("README.md draws %s, which is no folder", under+n)
				}
			}
		}
	}
	inside, err := os.ReadDir(filepath.Join(top, "framework"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range inside {
		name := "framework/" + e.Name() + "/"
		if e.Name() != "internal" && e.Name() != "docs" && !drawn[name] {
			t.Errorf("README.md does not draw %s", name)
		}
	}
}

func cutWhile(words []string, ok func(string) bool) (taken, rest []string) {
	for i, w := range words {
		if !ok(w) {
			return words[:i], words[i:]
		}
	}
	return words, nil
}

// binaryIsStatic looks whether the binary that README.md builds needs a loader.
func (c checkout) binaryIsStatic(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" {
		return // other systems have no static binaries
	}
	f, err := elf.Open(filepath.Join(c.dir, "bin", "migrate"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			t.Error("bin/migrate is not static")
		}
	}
}
