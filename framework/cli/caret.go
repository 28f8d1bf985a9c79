package cli

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/internal/pattern"
)

// aroundCaret is how much of a long line is shown on each side of the place.
const aroundCaret = 40

// pointed is a statement with a caret below the character at a position (from 1;
// 0: unknown). Of a long line there is only what stands around the place; what
// comes after its line is left out.
func pointed(sql string, position int) []string {
	runes := []rune(sql)
	if position < 1 || position > len(runes) {
		return []string{sql}
	}
	before, after := string(runes[:position-1]), string(runes[position-1:])
	begin := strings.LastIndexByte(before, '\n') + 1
	above, left := strings.TrimRight(before[:begin], "\r\n"), before[begin:]
	right, _, more := strings.Cut(after, "\n")
	right = strings.TrimRight(right, "\r")
	if l := []rune(left); len(l)+len([]rune(right)) > 2*aroundCaret+20 {
		if len(l) > aroundCaret {
			left = "… " + string(l[len(l)-aroundCaret:])
		}
		if r := []rune(right); len(r) > aroundCaret {
			right = string(r[:aroundCaret]) + " …"
		}
	}
	var out []string
	if above != "" {
		out = strings.Split(above, "\n")
	}
	left, right = strings.ReplaceAll(left, "\t", " "), strings.ReplaceAll(right, "\t", " ")
	out = append(out, left+right, strings.Repeat(" ", text.StringWidth(left))+"^")
	if more {
		out = append(out, "…")
	}
	return out
}

// syntaxNear finds the word at which SQLite stopped reading.
var syntaxNear = pattern.Lazy(`^near "(.+)": syntax error$`)

// placeOf is the position in a statement, from 1, at which a fault lies; 0: not
// known. PostgreSQL tells it of most; SQLite only names a word, which is the place
// where the statement has it once.
func placeOf(sql string, f dialect.Fault) int {
	if f.Position > 0 {
		return f.Position
	}
	word := ""
	switch m := syntaxNear().FindStringSubmatch(f.Message); {
	case m != nil:
		word = m[1]
	case f.Class == dialect.NoTable:
		word = f.Table
	case f.Class == dialect.NoColumn:
		word = f.Column
	}
	place := 0
	for at := 0; word != ""; {
		i := strings.Index(sql[at:], word)
		if i < 0 {
			break
		}
		at += i
		if end := at + len(word); !partOfWord(sql[:at], word, sql[end:]) {
			if place > 0 {
				return 0
			}
			place = utf8.RuneCountInString(sql[:at]) + 1
		}
		at += len(word)
	}
	return place
}

// partOfWord reports whether what was found between before and after is a piece
// of a longer name.
func partOfWord(before, found, after string) bool {
	in := func(r rune, _ int) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
	first, last := in(utf8.DecodeRuneInString(found)), in(utf8.DecodeLastRuneInString(found))
	return first && in(utf8.DecodeLastRuneInString(before)) || last && in(utf8.DecodeRuneInString(after))
}
