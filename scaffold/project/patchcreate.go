package project

import (
	"go/ast"
	"go/token"
	"slices"
)

// cutCreate cuts the statement of a line that creates a table: with the look at its
// error, and with the loop around it when nothing else is in that. False: the code
// around it needs it.
func (e *edit) cutCreate(line int) bool {
	var path, found []ast.Node // from the file to the call
	ast.Inspect(e.file, func(n ast.Node) bool {
		if n == nil {
			path = path[:len(path)-1]
			return true
		}
		path = append(path, n)
		if c, is := n.(*ast.CallExpr); is && found == nil && typeNameOf(c.Fun) == "IfNotExists" && chainHas(c, "NewCreateTable") && e.set.Position(c.Pos()).Line == line {
			found = append(found, path...)
		}
		return true
	})
	for i := len(found) - 1; i > 0; i-- {
		if block, is := found[i-1].(*ast.BlockStmt); is {
			return e.cutStatement(found[:i-1], block, found[i].(ast.Stmt))
		}
	}
	return false
}

// cutStatement cuts a statement of a block; around is what the block is in.
func (e *edit) cutStatement(around []ast.Node, block *ast.BlockStmt, s ast.Stmt) bool {
	whole := []ast.Stmt{s}
	switch s := s.(type) {
	case *ast.ExprStmt:
	case *ast.IfStmt:
		if s.Init == nil || s.Else != nil {
			return false
		}
	case *ast.AssignStmt:
		next := following(block, s)
		check, is := next.(*ast.IfStmt)
		if !is || check.Init != nil || !isErrCheck(check) || s.Tok == token.DEFINE && e.usesErr(function(around), s.Pos(), check.End()) {
			return false
		}
		whole = append(whole, check)
	default:
		return false
	}
	if len(block.List) == len(whole) && len(around) > 1 {
		if loop, is := around[len(around)-1].(*ast.RangeStmt); is {
			if outer, is := around[len(around)-2].(*ast.BlockStmt); is {
				e.cutLoop(outer, loop)
				return true
			}
		}
	}
	for _, w := range whole {
		e.cut(w)
	}
	return true
}

// cutLoop cuts a loop over a list, and the list in front of it where nothing else
// uses that.
func (e *edit) cutLoop(outer *ast.BlockStmt, loop *ast.RangeStmt) {
	e.cut(loop)
	list, is := loop.X.(*ast.Ident)
	if !is {
		return
	}
	for _, s := range outer.List {
		a, is := s.(*ast.AssignStmt)
		if !is || a.Tok != token.DEFINE || len(a.Lhs) != 1 || len(a.Rhs) != 1 {
			continue
		}
		if id, is := a.Lhs[0].(*ast.Ident); is && id.Name == list.Name && e.count(outer, list.Name) == 2 {
			e.cut(a)
		}
	}
}

func following(block *ast.BlockStmt, s ast.Stmt) ast.Stmt {
	for i, at := range block.List[:len(block.List)-1] {
		if at == s {
			return block.List[i+1]
		}
	}
	return nil
}

// function is the innermost function of a path.
func function(path []ast.Node) ast.Node {
	for _, n := range slices.Backward(path) {
		switch n.(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			return n
		}
	}
	return path[0]
}

// usesErr reports whether a function has err behind a place, or in front of it.
func (e *edit) usesErr(in ast.Node, from, to token.Pos) bool {
	used := false
	ast.Inspect(in, func(n ast.Node) bool {
		id, is := n.(*ast.Ident)
		used = used || is && id.Name == "err" && (id.Pos() < from || id.Pos() > to)
		return true
	})
	return used
}

// count is how often a name stands in a node.
func (e *edit) count(in ast.Node, name string) int {
	n := 0
	ast.Inspect(in, func(node ast.Node) bool {
		if id, is := node.(*ast.Ident); is && id.Name == name {
			n++
		}
		return true
	})
	return n
}
