package scaffold

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/jinzhu/inflection"
)

// Frozen is a copy of models as they are today, for a data migration that must
// mean the same next year.
type Frozen struct {
	Types   string   // type declarations, to stand inside a function
	Imports []string // what they need, as written in an import declaration, sorted
	Remarks []string // what the copy does not carry
}

// Freeze copies the structs of the given models out of a folder of Go files,
// which need not compile. A model is named by its Go type or by its table, without
// regard to case. The copy holds the columns with their tags: relations are left
// out, embedded structs of the folder are written out, and types of the folder
// become what they are made of. The error names what is not there, and what is.
func Freeze(dir fs.FS, models ...string) (Frozen, error) {
	f, err := readTypes(dir)
	if err != nil {
		return Frozen{}, err
	}
	var out Frozen
	var text bytes.Buffer
	for i, name := range models {
		d, err := f.model(name)
		if err != nil {
			return Frozen{}, err
		}
		if i > 0 {
			text.WriteString("\n")
		}
		f.freeze(&text, d)
	}
	formatted, err := format.Source(text.Bytes())
	if err != nil {
		return Frozen{}, fmt.Errorf("the copy of %s cannot be formatted: %w", strings.Join(models, ", "), err)
	}
	out.Types = string(formatted)
	out.Imports = slices.Sorted(maps.Keys(f.imports))
	out.Remarks = f.remarks
	return out, nil
}

// freezer is the types of a folder, and what the copies made so far need.
type freezer struct {
	types   map[string]declared
	methods map[string][]string // by type
	imports map[string]bool
	remarks []string
	open    []string // the types that are being written out, outermost first
}

// declared is one type declaration with the imports of its file.
type declared struct {
	name    string
	expr    ast.Expr
	imports map[string]string // as written there, by name in the file
	params  []string          // of a generic type
	args    map[string]string // what its parameters are here, as the copy writes it
}

func readTypes(dir fs.FS) (*freezer, error) {
	names, err := fs.Glob(dir, "*.go")
	if err != nil {
		return nil, err
	}
	f := &freezer{types: map[string]declared{}, methods: map[string][]string{}, imports: map[string]bool{}}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		f.read(file)
	}
	return f, nil
}

func (f *freezer) read(file *ast.File) {
	imports := map[string]string{}
	for _, s := range file.Imports {
		path, err := strconv.Unquote(s.Path.Value)
		if err != nil {
			continue
		}
		if s.Name != nil {
			imports[s.Name.Name] = s.Name.Name + " " + s.Path.Value
		} else {
			imports[packageName(path)] = s.Path.Value
		}
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if t, ok := s.(*ast.TypeSpec); ok {
					f.types[t.Name.Name] = declared{name: t.Name.Name, expr: t.Type, imports: imports, params: paramsOf(t)}
				}
			}
		case *ast.FuncDecl:
			if d.Recv != nil && len(d.Recv.List) == 1 {
				name, _, _ := strings.Cut(strings.TrimPrefix(printed(d.Recv.List[0].Type), "*"), "[")
				f.methods[name] = append(f.methods[name], d.Name.Name)
			}
		}
	}
}

// packageName is what a package is most likely called: the last element of its
// path, but a version, without "go-" and the like.
func packageName(path string) string {
	elements := strings.Split(path, "/")
	name := elements[len(elements)-1]
	if len(elements) > 1 && len(name) > 1 && name[0] == 'v' && name[1] >= '0' && name[1] <= '9' {
		name = elements[len(elements)-2]
	}
	name, _, _ = strings.Cut(name, ".")
	return strings.TrimSuffix(strings.TrimPrefix(name, "go-"), "-go")
}

// model finds a struct by the name of its type or of its table.
func (f *freezer) model(name string) (declared, error) {
	var tables []string
	for _, typeName := range slices.Sorted(maps.Keys(f.types)) {
		d := f.types[typeName]
		s, ok := d.expr.(*ast.StructType)
		if !ok || len(d.params) > 0 {
			continue
		}
		table := tableOf(d.name, s)
		if strings.EqualFold(name, d.name) || strings.EqualFold(name, table) {
			return d, nil
		}
		tables = append(tables, table)
	}
	slices.Sort(tables)
	return declared{}, fmt.Errorf("no model is called %q: there are %s", name, strings.Join(tables, ", "))
}

// tableOf is the table of a struct: what its bun.BaseModel says, or else what bun
// makes of the name.
func tableOf(name string, s *ast.StructType) string {
	for _, field := range s.Fields.List {
		if printed(field.Type) != "bun.BaseModel" || field.Tag == nil {
			continue
		}
		first, _, _ := strings.Cut(tag(field), ",")
		if table := strings.TrimPrefix(first, "table:"); table != "" {
			return table
		}
	}
	return inflection.Plural(underscore(name))
}

func tag(field *ast.Field) string {
	text, err := strconv.Unquote(field.Tag.Value)
	if err != nil {
		return ""
	}
	return reflect.StructTag(text).Get("bun")
}

// underscore is UserID -> user_id, as bun does it.
func underscore(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if unicode.IsUpper(r) {
			if i > 0 && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
				b.WriteByte('_')
			}
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}

// local is the name of the copy: user for User, timeEntry for TimeEntry.
func local(name string) string {
	runes := []rune(name)
	for i, r := range runes {
		if i > 0 && i+1 < len(runes) && unicode.IsLower(runes[i+1]) || !unicode.IsUpper(r) {
			break
		}
		runes[i] = unicode.ToLower(r)
	}
	if text := string(runes); !token.IsKeyword(text) {
		return text
	}
	return string(runes) + "Row"
}

// printed is an expression as Go source.
func printed(e ast.Expr) string {
	var b bytes.Buffer
	_ = format.Node(&b, token.NewFileSet(), e) // a bytes.Buffer takes everything
	return b.String()
}
