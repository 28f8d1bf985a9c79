package schema

import (
	"slices"
	"strings"
)

// A constant means a value of an enum where it stands beside a column of it: in a
// comparison, in a list behind IN, behind WHEN of CASE column, among the arguments
// of a function. Where it stands beside another column, or beside this one cast to
// another type (role::text = 'x'), it is not of the enum.

// WithConstant returns the expression with every string constant old replaced
// by value.
func (e Expression) WithConstant(old, value string) Expression {
	return e.mapped(func(sql string) string {
		return constantIn(sql, old, value, func([]piece, int) bool { return true })
	})
}

// WithConstantOf is WithConstant for those constants that are of the column's
// type, as far as the text tells: where it does not tell what one is compared
// with, it is of the column if the text uses the column, and never as another type.
func (e Expression) WithConstantOf(column, old, value string) Expression {
	return e.mapped(func(sql string) string {
		if !mentions(sql, column) {
			return sql
		}
		return constantIn(sql, old, value, func(ps []piece, i int) bool {
			beside := sql
			if from, to := besideConstant(ps, i); from < to {
				beside = sql[ps[from].at : ps[to-1].at+len(ps[to-1].text)]
			}
			return mentions(beside, column) && !casts(beside, column)
		})
	})
}

func constantIn(sql, old, value string, is func(ps []piece, i int) bool) string {
	quote := func(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
	ps := pieces(sql)
	out := sql
	for i, p := range slices.Backward(ps) {
		if p.text == quote(old) && is(ps, i) {
			out = out[:p.at] + quote(value) + out[p.at+len(p.text):]
		}
	}
	return out
}

// piece is a word or sign of SQL, and the byte at which it begins.
type piece struct {
	text string
	at   int
}

func pieces(sql string) []piece {
	var all []piece
	words(sql, func(word string, _ func(string) bool, rest string) {
		if strings.TrimSpace(word) != "" {
			all = append(all, piece{word, len(sql) - len(rest) - len(word)})
		}
	})
	return all
}

// besideConstant finds the pieces [from, to) that the constant at i is compared
// with; none where the text does not tell.
func besideConstant(ps []piece, i int) (from, to int) {
	first, last := i, i
	for oneOf(ps, first-1, "(") && oneOf(ps, last+1, ")") && !isWord(ps, first-2) {
		first, last = first-1, last+1
	}
	l := first - 1
	switch {
	case oneOf(ps, l, "(", "[", ","):
		open := opening(ps, l)
		if l = open - 1; oneOf(ps, l, "ARRAY") {
			if l--; oneOf(ps, l, "(") {
				l--
			}
		}
		if !oneOf(ps, l, "IN", "ANY", "ALL", "SOME") {
			return max(open, 0), last + 1 // the other arguments
		}
		return operandBefore(ps, beforeComparison(ps, l))
	case oneOf(ps, l, "AND") && oneOf(ps, l-2, "BETWEEN"):
		return operandBefore(ps, beforeComparison(ps, l-2))
	case oneOf(ps, l, "WHEN"):
		return caseOperand(ps, l)
	case comparison(ps, l):
		return operandBefore(ps, beforeComparison(ps, l))
	}
	r := last + 1
	if oneOf(ps, r, ":") {
		r += 3 // its type
	}
	if !comparison(ps, r) {
		return 0, 0
	}
	for comparison(ps, r) {
		r++
	}
	return r, operandEnd(ps, r)
}

// oneOf reports whether the piece at i is one of these words or signs.
func oneOf(ps []piece, i int, texts ...string) bool {
	return i >= 0 && i < len(ps) && slices.ContainsFunc(texts, func(t string) bool { return strings.EqualFold(ps[i].text, t) })
}

func isWord(ps []piece, i int) bool {
	return i >= 0 && i < len(ps) && (ps[i].text[0] == '"' || ps[i].text[0] >= 0x80 || wordRune(rune(ps[i].text[0])))
}

// comparison reports whether the piece is of an operator that compares.
func comparison(ps []piece, i int) bool {
	return oneOf(ps, i, "=", "<", ">", "!", "~", "*", "IS", "NOT", "DISTINCT", "FROM", "LIKE", "ILIKE", "GLOB", "BETWEEN", "IN", "ANY", "ALL", "SOME")
}

// beforeComparison is the last piece before the operator that ends at i.
func beforeComparison(ps []piece, i int) int {
	for comparison(ps, i) {
		i--
	}
	return i
}

// opening is the bracket that is open behind the piece at i; -1: none.
func opening(ps []piece, i int) int {
	for depth := 0; i >= 0; i-- {
		switch {
		case oneOf(ps, i, ")", "]"):
			depth++
		case oneOf(ps, i, "(", "["):
			if depth == 0 {
				return i
			}
			depth--
		}
	}
	return -1
}

// closing is the bracket that closes the one at i, or the last piece.
func closing(ps []piece, i int) int {
	for depth := 0; i < len(ps); i++ {
		switch {
		case oneOf(ps, i, "(", "["):
			depth++
		case oneOf(ps, i, ")", "]"):
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(ps) - 1
}

// operandBefore is what ends with the piece at i: a name, a call, or something in
// brackets, with the type that it is cast to.
func operandBefore(ps []piece, i int) (from, to int) {
	to = i + 1
	for i >= 0 {
		if oneOf(ps, i, ")", "]") {
			if i = opening(ps, i-1); isWord(ps, i-1) {
				i--
			}
		}
		for oneOf(ps, i-1, ".") {
			i -= 2
		}
		if !oneOf(ps, i-1, ":") {
			break
		}
		i -= 3
	}
	return max(i, 0), to
}

// operandEnd is the end of what begins with the piece at i.
func operandEnd(ps []piece, i int) int {
	for oneOf(ps, i+1, ".") {
		i += 2
	}
	if isWord(ps, i) && oneOf(ps, i+1, "(") {
		i++
	}
	if oneOf(ps, i, "(", "[") {
		i = closing(ps, i)
	}
	for oneOf(ps, i+1, ":") {
		i += 3
	}
	return min(i+1, len(ps))
}

// caseOperand is what stands between CASE and its first WHEN; none: nothing does.
func caseOperand(ps []piece, when int) (from, to int) {
	depth := 0
	first := when
	for i := when - 1; i >= 0; i-- {
		switch {
		case oneOf(ps, i, "END"):
			depth++
		case oneOf(ps, i, "CASE") && depth > 0:
			depth--
		case oneOf(ps, i, "CASE"):
			return i + 1, first
		case oneOf(ps, i, "WHEN") && depth == 0:
			first = i
		}
	}
	return 0, 0
}
