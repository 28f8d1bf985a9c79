package project

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/aymanbagabas/go-udiff"
)

// unified is the difference of two texts in the form that git apply and patch take.
func unified(from, to, before, after string) string {
	return renumbered(udiff.Unified(from, to, before, after))
}

var hunk = regexp.MustCompile(`^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@`)

// renumbered says in each hunk where it begins in the new text: the library counts
// wrongly behind a hunk with several changes, and patch then says that it is off.
func renumbered(diff string) string {
	var b strings.Builder
	grown := 0
	for line := range strings.Lines(diff) {
		m := hunk.FindStringSubmatch(line)
		if m == nil {
			b.WriteString(line)
			continue
		}
		old, had, has := number(m[1]), count(m[2]), count(m[4])
		if had > 0 && has > 0 {
			line = fmt.Sprintf("@@ -%s +%s @@%s", span(old, had), span(old+grown, has), line[len(m[0]):])
		}
		grown += has - had
		b.WriteString(line)
	}
	return b.String()
}

func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

// count is how many lines a hunk has: without a number, one.
func count(text string) int {
	if text == "" {
		return 1
	}
	return number(text)
}

func span(at, lines int) string {
	if lines == 1 {
		return strconv.Itoa(at)
	}
	return fmt.Sprintf("%d,%d", at, lines)
}
