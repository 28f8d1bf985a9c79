package cli

import (
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
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
