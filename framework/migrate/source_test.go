package migrate

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/leavendb/leaven/framework/history"
)

func files(contents ...string) fstest.MapFS {
	m := fstest.MapFS{}
	for i := 0; i < len(contents); i += 2 {
		m[contents[i]] = &fstest.MapFile{Data: []byte(contents[i+1])}
	}
	return m
}

func mustSources(t *testing.T, systems ...fs.FS) sources {
	t.Helper()
	s, err := newSources(systems)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSourcesAreFoundByName(t *testing.T) {
	s := mustSources(t, nil, files(
		"0001_a.go", "package a", "sub/0002_b.go", "package b", "0003_c_test.go", "package c",
		".git/0004_d.go", "x", "testdata/0005_e.go", "x", "_old/0006_f.go", "x", "notes.txt", "x",
	), files("0007_g.go", "package g"))
	var names []string
	for name := range s {
		names = append(names, name)
	}
	slices.Sort(names)
	if got := strings.Join(names, " "); got != "0001_a.go 0002_b.go 0007_g.go" {
		t.Errorf("found %s", got)
	}
	if s.of(place{path: "/home/ann/shop/migrations/0003_c.go"}) != nil || s.of(place{}) != nil {
		t.Error("a place without a source has one")
	}
}

func TestSourceOfANameThatIsThereTwice(t *testing.T) {
	one := files("shop/0001_a.go", "package shop", "stock/0001_a.go", "package stock")
	s := mustSources(t, one)
	for path, want := range map[string]string{
		"/home/ann/app/shop/0001_a.go":    "shop/0001_a.go",
		"example.com/app/stock/0001_a.go": "stock/0001_a.go",
	} {
		if got := s.of(place{path: path}); got == nil || got.path != want {
			t.Errorf("the source of %s is %+v", path, got)
		}
	}
	if got := s.of(place{path: "/other/0001_a.go"}); got != nil {
		t.Errorf("a place of neither has the source %s", got.path)
	}
	twice := mustSources(t, files("0001_a.go", "package a"), files("0001_a.go", "package b"))
	if twice.of(place{path: "/app/0001_a.go"}) != nil {
		t.Error("of two file systems one was guessed")
	}
}

func TestAttachLeavesTheRegistryAlone(t *testing.T) {
	r := registryOf("1", "2")
	with := mustSources(t, files("order_test_.go", "")).attach(r.known())
	if with[0].Source != nil {
		t.Error("a migration has another file's source")
	}
	s := sources{"order_test.go": {{fsys: files("order_test.go", "package m"), path: "order_test.go"}}}
	with = s.attach(r.known())
	if with[0].Source == nil || string(with[0].Source.Text()) != "package m" || r.known()[0].Source != nil {
		t.Error("sources are not attached to a copy")
	}
}

func TestCompare(t *testing.T) {
	text := "package m\n\n// why\nvar a = 1\n"
	s := func(content string) *Source { return &Source{fsys: files("a.go", content), path: "a.go"} }
	recorded := &history.Record{Raw: s(text).Raw(), Tokens: s(text).Tokens()}
	for _, c := range []struct {
		name   string
		source *Source
		record *history.Record
		want   SourceState
	}{
		{"same", s(text), recorded, Unchanged},
		{"comment", s("package m\n\nvar a = 1\n"), recorded, Formatted},
		{"code", s("package m\n\nvar a = 2\n"), recorded, Edited},
		{"code, no tokens recorded", s("package m\n\nvar a = 1\n"), &history.Record{Raw: recorded.Raw}, Edited},
		{"nothing recorded", s(text), &history.Record{}, NoSource},
		{"no record", s(text), nil, NoSource},
		{"no source", nil, recorded, NoSource},
		{"unreadable", &Source{fsys: files(), path: "a.go"}, recorded, NoSource},
	} {
		if got := c.source.compare(c.record); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestSourceIsReadOnce(t *testing.T) {
	counting := &countingFS{FS: files("a.go", "package m")}
	s := &Source{fsys: counting, path: "a.go"}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { s.Raw(); s.Tokens() })
	}
	all.Wait()
	if counting.opened != 1 {
		t.Errorf("the file was opened %d times", counting.opened)
	}
}

type countingFS struct {
	fs.FS
	opened int
}

func (c *countingFS) Open(name string) (fs.File, error) { c.opened++; return c.FS.Open(name) }

func TestSourcesThatCannotBeRead(t *testing.T) {
	if _, err := newSources([]fs.FS{brokenFS{}}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("the error is %v", err)
	}
}

type brokenFS struct{}

func (brokenFS) Open(string) (fs.File, error) { return nil, fs.ErrPermission }

func TestEmbeddedDataCounts(t *testing.T) {
	text := "package m\n\nimport _ \"embed\"\n\n//go:embed seed.sql\nvar seed string\n"
	sum := func(contents ...string) (string, string) {
		s := &Source{fsys: files(append(contents, "m/a.go", text)...), path: "m/a.go"}
		return s.Raw(), s.Tokens()
	}
	raw, tokens := sum("m/seed.sql", "insert 1", "m/other.sql", "x")
	otherRaw, otherTokens := sum("m/seed.sql", "insert 2")
	if raw == otherRaw || tokens == otherTokens {
		t.Error("a change of the data is not seen")
	}
	if again, _ := sum("m/seed.sql", "insert 1"); again != raw {
		t.Error("a file that is not embedded is seen")
	}
	if without, _ := sum(); without != history.RawSum([]byte(text)) {
		t.Error("data that the file system has not changes the sum")
	}
}

func TestEmbedded(t *testing.T) {
	fsys := files(
		"m/a.sql", "1", "m/b.sql", "2", "m/c.go", "package c", "m/with space.txt", "3",
		"m/dir/x.csv", "4", "m/dir/.hidden", "5", "m/dir/_old/y.csv", "6", "m/dir/deep/z.csv", "7", "a.sql", "no",
	)
	for _, c := range []struct{ directives, want string }{
		{"//go:embed a.sql", "a.sql"},
		{"//go:embed a.sql b.sql\n//go:embed b.sql", "a.sql b.sql"},
		{"//go:embed *.sql\t*.go", "a.sql b.sql"},
		{"//go:embed dir", "dir/deep/z.csv dir/x.csv"},
		{"//go:embed all:dir", "dir/.hidden dir/_old/y.csv dir/deep/z.csv dir/x.csv"},
		{"//go:embed dir/.hidden", "dir/.hidden"},
		{"//go:embed \"with space.txt\" `a.sql`", "with space.txt a.sql"},
		{"//go:embed [ missing", ""},
		{"//go:embed", ""},
		{"//go:embedded a.sql", ""},
		{"// go:embed a.sql", ""},
		{"\t//go:embed a.sql", ""},
		{"var s = `\n//go:embed a.sql\n`", ""},
		{"/*\n//go:embed a.sql\n*/", ""},
	} {
		data, err := embedded(fsys, "m", []byte("package m\n\n"+c.directives+"\nvar x int\n"))
		if err != nil {
			t.Errorf("%q: %v", c.directives, err)
		}
		var names []string
		for _, d := range data {
			names = append(names, d.Name)
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%q embeds %q, want %q", c.directives, got, c.want)
		}
	}
	data, _ := embedded(fsys, ".", []byte("package m\n//go:embed a.sql\n"))
	if len(data) != 1 || data[0].Name != "a.sql" || string(data[0].Content) != "no" {
		t.Errorf("in the root: %v", data)
	}
}

// A source whose data cannot be read has no checksum, rather than one without the
// data.
func TestEmbeddedDataThatCannotBeRead(t *testing.T) {
	fsys := sealedFS{files("a.go", "package m\n//go:embed a.sql\n", "a.sql", "1")}
	s := &Source{fsys: fsys, path: "a.go"}
	if s.Raw() != "" || s.Tokens() != "" || !errors.Is(s.err, fs.ErrPermission) {
		t.Errorf("the sums are %q and %q, error %v", s.Raw(), s.Tokens(), s.err)
	}
}

// sealedFS lists all its files and opens no SQL.
type sealedFS struct{ fstest.MapFS }

func (s sealedFS) Open(name string) (fs.File, error) {
	if strings.HasSuffix(name, ".sql") {
		return nil, fs.ErrPermission
	}
	return s.MapFS.Open(name)
}

func (s sealedFS) ReadFile(name string) ([]byte, error) {
	if strings.HasSuffix(name, ".sql") {
		return nil, fs.ErrPermission
	}
	return s.MapFS.ReadFile(name)
}

func TestImportsOf(t *testing.T) {
	for source, want := range map[string]string{
		"package m\nimport (\n\t\"a\"\n\tb \"x/b\"\n\t. `c`\n)\nimport _ \"d\"\nvar s = \"e\"": "a x/b c d",
		"package m\nfunc f() { _ = \"a\" }":                                                    "",
		"package m":                                                                            "",
		"":                                                                                     "",
		"import \"a":                                                                           "",
	} {
		if got := strings.Join(importsOf([]byte(source)), " "); got != want {
			t.Errorf("%q imports %q, want %q", source, got, want)
		}
	}
}

// No bytes make reading a source fail.
func FuzzSource(f *testing.F) {
	for _, s := range []string{"package m\n//go:embed a.sql all:x \"y z\" `q", "import \"a\"", "//go:embed \"", "//go:embed [", "//go:embed ../..", "//go:embed /"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		fsys := files("a.sql", "1")
		fsys["m.go"] = &fstest.MapFile{Data: text}
		s := &Source{fsys: fsys, path: "m.go"}
		if len(s.Raw()) != 64 || len(s.Tokens()) != 64 {
			t.Errorf("sums %q and %q, error %v", s.Raw(), s.Tokens(), s.err)
		}
		importsOf(text)
	})
}

func BenchmarkSources1000(b *testing.B) {
	fsys := fstest.MapFS{}
	for i := range 1000 {
		text := fmt.Sprintf("package migrations\n\nfunc init() {\n\tmigrate.Register(migrate.Migration{ID: \"%04d\"})\n}\n%s", i, strings.Repeat("// more\n", 100))
		fsys[fmt.Sprintf("%04d.go", i)] = &fstest.MapFile{Data: []byte(text)}
	}
	for b.Loop() {
		s, _ := newSources([]fs.FS{fsys})
		for _, one := range s {
			one[0].Raw()
		}
	}
}
