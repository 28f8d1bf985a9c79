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

// joined puts what is not empty side by side.
func joined(parts ...string) string {
	out := ""
	for _, p := range parts {
		if p != "" && out != "" {
			out += "  "
		}
		out += p
	}
	return out
}

// fit is head, name and more on one line of the terminal, with one cell left for
// the cursor. A name that is too long loses its middle, and what is still too
// long loses its end.
func (o output) fit(head, name, more string) string {
	line := joined(head, name, more)
	room := o.width - 1
	if o.width <= 0 || text.StringWidth(line) <= room {
		return line
	}
	dots := "…"
	if !o.unicode {
		dots = "..."
	}
	if left := text.StringWidth(name) - (text.StringWidth(line) - room) - text.StringWidth(dots); left >= 6 {
		return joined(head, name[:left/2]+dots+name[len(name)-(left-left/2):], more)
	}
	for text.StringWidth(joined(head, more)) > room {
		part := strings.LastIndex(more, ", ")
		if part < 0 {
			break
		}
		more = more[:part]
	}
	return text.Trim(joined(head, more), room)
}
