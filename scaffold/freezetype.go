package scaffold

import (
	"bytes"
	"fmt"
	"go/ast"
	"slices"
	"strings"
)

// typeOf writes a type so that it does not depend on the folder.
func (f *freezer) typeOf(d declared, e ast.Expr, model string) string {
	switch e := e.(type) {
	case *ast.Ident:
		if arg, ok := d.args[e.Name]; ok {
			return arg
		}
		if inner, ok := f.types[e.Name]; ok {
			return f.writtenOut(inner, model)
		}
	case *ast.StarExpr:
		return "*" + f.typeOf(d, e.X, model)
	case *ast.ArrayType:
		length := ""
		if e.Len != nil {
			length = printed(e.Len)
		}
		return "[" + length + "]" + f.typeOf(d, e.Elt, model)
	case *ast.MapType:
		return "map[" + f.typeOf(d, e.Key, model) + "]" + f.typeOf(d, e.Value, model)
	case *ast.StructType:
		return f.structText(d, e, model)
	case *ast.SelectorExpr:
		f.importOf(d, e)
	case *ast.IndexExpr:
		return f.instance(d, e.X, []ast.Expr{e.Index}, model)
	case *ast.IndexListExpr:
		return f.instance(d, e.X, e.Indices, model)
	}
	return printed(e)
}

// writtenOut is what a type of the folder is made of. One that holds itself has
// no such text: there, the copy holds any value.
func (f *freezer) writtenOut(inner declared, model string) string {
	if slices.Contains(f.open, inner.name) {
		f.remark("%s has a field of type %s, which holds itself: the copy has any there", model, inner.name)
		return "any"
	}
	f.open = append(f.open, inner.name)
	defer func() { f.open = f.open[:len(f.open)-1] }()
	f.remarkMethods(inner.name, model)
	return f.typeOf(inner, inner.expr, model)
}

func (f *freezer) structText(d declared, s *ast.StructType, model string) string {
	var b bytes.Buffer
	b.WriteString("struct {\n")
	f.plainFields(&b, d, s, model)
	b.WriteString("}")
	return b.String()
}

// instance writes a generic type with its arguments.
func (f *freezer) instance(d declared, generic ast.Expr, args []ast.Expr, model string) string {
	if inner, ok := f.instantiated(d, generic, args, model); ok {
		return f.writtenOut(inner, model)
	}
	texts := make([]string, len(args))
	for i, a := range args {
		texts[i] = f.typeOf(d, a, model)
	}
	return f.typeOf(d, generic, model) + "[" + strings.Join(texts, ", ") + "]"
}

// instantiated is a generic type of the folder that knows its arguments.
func (f *freezer) instantiated(d declared, generic ast.Expr, args []ast.Expr, model string) (declared, bool) {
	name, ok := generic.(*ast.Ident)
	if !ok {
		return declared{}, false
	}
	inner, ok := f.types[name.Name]
	if !ok || len(inner.params) != len(args) {
		return declared{}, false
	}
	inner.args = map[string]string{}
	for i, arg := range args {
		inner.args[inner.params[i]] = f.typeOf(d, arg, model)
	}
	return inner, true
}

// structOf finds the struct of the folder that a type is, or points to.
func (f *freezer) structOf(d declared, e ast.Expr, model string) (inner declared, s *ast.StructType, ok bool) {
	switch e := e.(type) {
	case *ast.StarExpr:
		return f.structOf(d, e.X, model)
	case *ast.Ident:
		inner, ok = f.types[e.Name]
	case *ast.IndexExpr:
		inner, ok = f.instantiated(d, e.X, []ast.Expr{e.Index}, model)
	case *ast.IndexListExpr:
		inner, ok = f.instantiated(d, e.X, e.Indices, model)
	}
	if ok {
		s, ok = inner.expr.(*ast.StructType)
	}
	return inner, s, ok
}

func paramsOf(t *ast.TypeSpec) []string {
	if t.TypeParams == nil {
		return nil
	}
	var names []string
	for _, field := range t.TypeParams.List {
		for _, n := range field.Names {
			names = append(names, n.Name)
		}
	}
	return names
}

func (f *freezer) importOf(d declared, e *ast.SelectorExpr) {
	if pkg, ok := e.X.(*ast.Ident); ok {
		if path := d.imports[pkg.Name]; path != "" {
			f.imports[path] = true
		}
	}
}

// remark says once what a copy does not carry.
func (f *freezer) remark(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(f.remarks, text) {
		f.remarks = append(f.remarks, text)
	}
}
