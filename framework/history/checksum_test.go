package history

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"go/format"
	"strings"
	"testing"
)

const source = `package migrations

import (
	"context"

	"github.com/uptrace/bun"
	m "example.com/migrate"
)

func init() {
	m.Register(m.Migration{
		ID: "0001_initial",
		Up: func(ctx context.Context, db bun.IDB) error {
			for i := 0; i < 3; i++ {
				if _, err := db.ExecContext(ctx, ` + "`create table t (id int)`" + `, i, 0xFF, 1e3); err != nil {
					return err
				}
			}
			return nil
		},
	})
}
`

// Sources that differ from the one above, but are the same program.
func TestTokenSumIgnoresLayout(t *testing.T) {
	for name, change := range map[string]func(string) string{
		"comments":               func(s string) string { return "// Package x.\n" + strings.ReplaceAll(s, "\n", " // why\n") },
		"comment within a line":  replacing("error {", "error /* or nil */ {"),
		"a comment's semicolon":  replacing("return err\n", "return err /* lines\n\n */\n"),
		"indentation":            replacing("\t", "    "),
		"CR LF":                  replacing("\n", "\r\n"),
		"no newline at the end":  func(s string) string { return strings.TrimRight(s, "\n") },
		"blank lines":            replacing("\n\t\t", "\n\n\n\t\t"),
		"semicolons":             replacing("return nil\n", "return nil;\n"),
		"one line":               replacing("{\n\t\t\t\t\treturn err\n\t\t\t\t}", "{ return err }"),
		"empty statement":        replacing("return nil\n", ";;return nil;;\n"),
		"arguments on own lines": replacing("0xFF, 1e3)", "\n0xFF,\n1e3,\n)"),
		"parameters":             replacing("(ctx context.Context, db bun.IDB)", "(\nctx context.Context,\ndb bun.IDB,\n)"),
		"last comma":             replacing("},\n\t})", "}})"),
		"case of numbers":        replacing("0xFF, 1e3", "0XFF, 1E3"),
		"order of imports":       replacing("\t\"context\"\n\n\t\"github.com/uptrace/bun\"\n", "\t\"github.com/uptrace/bun\"\n\t\"context\"\n"),
		"imports on their own":   replacing("import (\n\t\"context\"\n", "import \"context\"\nimport (\n"),
		"an import twice":        replacing("\t\"context\"\n", "\t\"context\"\n\t\"context\"\n"),
		"byte order mark":        func(s string) string { return "\ufeff" + s },
	} {
		other := change(source)
		if other == source {
			t.Errorf("%s: nothing was changed", name)
		}
		if TokenSum([]byte(other)) != TokenSum([]byte(source)) {
			t.Errorf("%s: another TokenSum", name)
		}
		if RawSum([]byte(other)) == RawSum([]byte(source)) {
			t.Errorf("%s: the same RawSum", name)
		}
	}
}

func TestTokenSumSeesCode(t *testing.T) {
	for name, change := range map[string]func(string) string{
		"SQL":                replacing("id int", "id  int"),
		"a comment in SQL":   replacing("id int", "id int /* key */"),
		"a newline in SQL":   replacing("id int", "id\nint"),
		"a number":           replacing("0xFF", "0xFE"),
		"an operator":        replacing("i < 3", "i <= 3"),
		"a name":             replacing("err", "fault"),
		"an argument":        replacing(", 1e3", ""),
		"a statement":        replacing("return err", "_ = err"),
		"a string's kind":    replacing("`create table t (id int)`", `"create table t (id int);"`),
		"an import":          replacing("example.com/migrate", "example.com/other"),
		"an import's name":   replacing("m \"example", "n \"example"),
		"two words for one":  replacing("i++", "i + +"),
		"order":              replacing("i, 0xFF", "0xFF, i"),
		"broken Go":          func(s string) string { return s + "'" },
		"broken differently": func(s string) string { return s + "\x00" },
	} {
		other := change(source)
		if other == source {
			t.Errorf("%s: nothing was changed", name)
		}
		if TokenSum([]byte(other)) == TokenSum([]byte(source)) {
			t.Errorf("%s: the same TokenSum", name)
		}
	}
}

func replacing(from, to string) func(string) string {
	return func(s string) string { return strings.ReplaceAll(s, from, to) }
}

// Recorded in histories: these values can never change.
func TestSumsAreForEver(t *testing.T) {
	data := Data{Name: "seed.csv", Content: []byte("1,2\n")}
	for name, c := range map[string]struct{ got, want string }{
		"raw":         {RawSum([]byte("package m\n")), "4aa8b7c674470695884aab61a414c5a11c9e2e283df176cad2013bd4a059a7b5"},
		"raw, data":   {RawSum([]byte("package m\n"), data), "ed6016624d14d3a96ff05e773dbbeaf004c911b3ecb0f05ece17179564b3d256"},
		"token":       {TokenSum([]byte(source)), "3b2e963c19fe2b25d43926890cd36699ac652768390b91dd00af59a0bf1b63f7"},
		"token, data": {TokenSum([]byte(source), data), "061ed715fbdb7bc010f59ea5a01ca26c9ee0db26f495b771dd29385409881646"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", name, c.got, c.want)
		}
	}
	if want := fmt.Sprintf("%x", sha256.Sum256([]byte(source))); RawSum([]byte(source)) != want {
		t.Errorf("RawSum is not what sha256sum prints, %s", want)
	}
}

func TestDataCounts(t *testing.T) {
	one := Data{Name: "a", Content: []byte("1")}
	two := Data{Name: "b", Content: []byte("2")}
	for name, sum := range map[string]func([]byte, ...Data) string{"raw": RawSum, "tokens": TokenSum} {
		all := map[string]string{}
		for what, data := range map[string][]Data{
			"none": nil, "one": {one}, "two": {one, two},
			"renamed": {{Name: "c", Content: one.Content}},
			"changed": {{Name: "a", Content: two.Content}},
		} {
			s := sum([]byte(source), data...)
			if before, ok := all[s]; ok {
				t.Errorf("%s: %s and %s have one sum", name, before, what)
			}
			all[s] = what
		}
		if sum([]byte(source), one, two) != sum([]byte(source), two, one) {
			t.Errorf("%s: the order of data counts", name)
		}
	}
}

// Whatever the bytes, there is a sum; and what gofmt makes of them has the same
// one.
func FuzzTokenSum(f *testing.F) {
	for _, s := range []string{
		source, "", "package", "package m", "import", "package m;import(;)", "package m;import \"a\";import (b \"c\"",
		"package m\nimport )", "package m\nfunc f() { for ;; { } }", "package m\nvar x = []int{1,2,\n}", "`", "\x00", "/*", "package m\nconst c = 0X1P-2i",
		"package m\nfunc f() { switch ; { } }", "package m\nfunc f() { L: }", "package m\ntype t struct{ a int; b string }",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, s []byte) {
		sum := TokenSum(s)
		if len(sum) != 64 || sum != TokenSum(bytes.Clone(s)) {
			t.Fatalf("the sum is %q", sum)
		}
	})
}

// gofmt never changes the sum of what it formats.
func TestGofmtKeepsTheSum(t *testing.T) {
	for _, s := range []string{
		source,
		"package m;import \"b\";import \"a\";func f(){x:=[]int{1,\n2,\n};_=x;for ;;{break};if true{}else{};switch{case true:f();default:}}",
		"package m\nimport(\n\"z\"\n. \"y\"\n_ \"x\"\n)\nvar(\na=1;b=2\n)\ntype(t struct{a,b int;c string};u interface{f();g()})",
		"package m\nfunc f(a int,b string,)(int,error,){return 0X1F,nil}\nvar g=func(){defer func(){recover()}()}",
		"package m\nfunc f(){L:for i:=range 3{goto L;_=i};select{};{;};go func(){}()}",
		"package m\ntype s[T any,] struct{v T}\nfunc(x s[T])m(y ...T,){_=x.v;_=y[1:2:3];_=1E3;_=0B11}",
	} {
		formatted, err := format.Source([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		if TokenSum(formatted) != TokenSum([]byte(s)) {
			t.Errorf("another sum after gofmt:\n%s\n%s", s, formatted)
		}
	}
}

func sources() [][]byte {
	all := make([][]byte, 1000)
	for i := range all {
		all[i] = []byte(strings.Replace(source, "0001", fmt.Sprintf("%04d", i), 1))
	}
	return all
}

func BenchmarkRawSum1000Files(b *testing.B) {
	all := sources()
	for b.Loop() {
		for _, s := range all {
			RawSum(s)
		}
	}
}

func BenchmarkTokenSum1000Files(b *testing.B) {
	all := sources()
	for b.Loop() {
		for _, s := range all {
			TokenSum(s)
		}
	}
}
