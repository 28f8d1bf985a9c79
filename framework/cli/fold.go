package cli

import (
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
)

// folded breaks a text into lines that fit, between words; a word that is too
// long for a line stays whole, so that it can be copied. A width below 20, or
// none, folds nothing: on less, nothing reads well.
func folded(line string, width int) []string {
	if width < 20 {
		return []string{line}
	}
	var out []string
	current := ""
	for word := range strings.FieldsSeq(line) {
		switch {
		case current == "":
			current = word
		case text.StringWidth(current)+1+text.StringWidth(word) <= width:
			current += " " + word
		default:
			out, current = append(out, current), word
		}
	}
	return append(out, current)
}

func spaces(n int) string { return strings.Repeat(" ", n) }
