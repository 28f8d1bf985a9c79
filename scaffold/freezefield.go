package scaffold

import (
	"bytes"
	"fmt"
	"go/ast"
	"slices"
	"strings"
)

// freeze writes the copy of one model.
func (f *freezer) freeze(b *bytes.Buffer, d declared) {
	s := d.expr.(*ast.StructType)
	f.open = []string{d.name}
	fmt.Fprintf(b, "type %s struct {\n\tbun.BaseModel `bun:%q`\n\n", local(d.name), "table:"+tableOf(d.name, s))
	f.imports[`"github.com/uptrace/bun"`] = true
	f.fields(b, d, s, d.name)
	b.WriteString("}\n")
}

// fields writes the columns of a struct.
func (f *freezer) fields(b *bytes.Buffer, d declared, s *ast.StructType, model string) {
	for _, field := range s.Fields.List {
		options := ""
		if field.Tag != nil {
			options = tag(field)
		}
		if printed(field.Type) == "bun.BaseModel" || options == "-" || relation(options) {
			continue
		}
		text := ""
		if field.Tag != nil {
			text = field.Tag.Value
		}
		if len(field.Names) == 0 && f.embedded(b, d, field, text, model) {
			continue
		}
		typ := f.typeOf(d, field.Type, model)
		if len(field.Names) == 0 {
			fmt.Fprintf(b, "\t%s %s\n", typ, text)
		}
		for _, n := range field.Names {
			if n.IsExported() {
				fmt.Fprintf(b, "\t%s %s %s\n", n.Name, typ, text)
			}
		}
	}
}

// embedded writes the fields of an embedded struct of the folder in its place.
// One with a prefix is kept as a struct of its own, so that bun's prefix holds.
func (f *freezer) embedded(b *bytes.Buffer, d declared, field *ast.Field, tagText, model string) bool {
	inner, s, ok := f.structOf(d, field.Type, model)
	if !ok {
		return false
	}
	if strings.Contains(tagText, "embed:") {
		fmt.Fprintf(b, "\t%s struct {\n", inner.name)
		f.fields(b, inner, s, model)
		fmt.Fprintf(b, "} %s\n", tagText)
		return true
	}
	f.fields(b, inner, s, model)
	return true
}

// relation reports whether a field is no column.
func relation(options string) bool {
	return slices.ContainsFunc(strings.Split(options, ","), func(o string) bool {
		return strings.HasPrefix(o, "rel:") || strings.HasPrefix(o, "m2m:")
	})
}

// plainFields writes the fields of a struct that is a value, kept as JSON or the
// like. An embedded struct of the folder is written out in its place.
func (f *freezer) plainFields(b *bytes.Buffer, d declared, s *ast.StructType, model string) {
	for _, field := range s.Fields.List {
		var names []string
		for _, n := range field.Names {
			names = append(names, n.Name)
		}
		text := ""
		if field.Tag != nil {
			text = field.Tag.Value
		}
		if inner, s, ok := f.structOf(d, field.Type, model); ok && len(names) == 0 {
			if text == "" {
				f.plainFields(b, inner, s, model)
				continue
			}
			names = []string{inner.name}
		}
		fmt.Fprintf(b, "%s %s %s\n", strings.Join(names, ", "), f.typeOf(d, field.Type, model), text)
	}
}

// remarkMethods tells of methods that decide how a value is stored: a copy
// without them may read and write something else.
func (f *freezer) remarkMethods(name, model string) {
	for _, m := range f.methods[name] {
		switch m {
		case "Scan", "Value", "AppendQuery", "MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText":
			f.remark("%s has a field of type %s, whose method %s the copy does not have", model, name, m)
		}
	}
}
