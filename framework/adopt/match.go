package adopt

import (
	"cmp"
	"slices"
	"strings"
)

// index finds migrations by what other tools call them.
type index struct {
	ids     []string
	numbers map[string][]string
	words   map[string][]string // what stands after the number, in lower case
}

func newIndex(ids []string) index {
	x := index{ids: ids, numbers: map[string][]string{}, words: map[string][]string{}}
	for _, id := range ids {
		if n, ok := leadingNumber(id); ok {
			x.numbers[n] = append(x.numbers[n], id)
		}
		_, words, _ := strings.Cut(id, "_")
		x.words[strings.ToLower(words)] = append(x.words[strings.ToLower(words)], id)
	}
	return x
}

// find returns the migration that a version is; empty: none, or not one alone.
func (x index) find(v Version, byHand map[string]string) string {
	if id, ok := byHand[v.Text]; ok {
		return id
	}
	name := v.stem()
	if slices.Contains(x.ids, name) {
		return name
	}
	same := x.words[strings.ToLower(name)]
	if n, ok := v.number(); ok {
		same = x.numbers[n]
	} else if parts, ok := v.parts(); ok {
		same = x.withParts(parts)
	}
	if len(same) == 0 && v.Name != "" {
		same = x.words[inWords(v.Name)]
	}
	if len(same) != 1 {
		return ""
	}
	return same[0]
}

// withParts are the migrations whose IDs begin with these numbers.
func (x index) withParts(parts []string) []string {
	var same []string
	for _, id := range x.ids {
		if slices.Equal(partsOf(id), parts) {
			same = append(same, id)
		}
	}
	return same
}

// through returns what is applied together with a version: all that comes before
// the migration that it is, or if it is none, whose number is lower.
func (x index) through(v Version, id string) []string {
	if id != "" {
		return x.ids[:slices.Index(x.ids, id)+1]
	}
	n, ok := v.number()
	parts := []string{n}
	if !ok {
		parts, ok = v.parts()
	}
	var below []string
	for _, id := range x.ids {
		at := partsOf(id)
		if len(parts) == 1 && len(at) > 1 { // other numbers are words of it
			at = at[:1]
		}
		if ok && len(at) > 0 && slices.CompareFunc(at, parts, compareNumbers) <= 0 {
			below = append(below, id)
		}
	}
	return below
}

// stem is a version without what a tool adds to the name of a file.
func (v Version) stem() string {
	return strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(v.Text, ".sql"), ".up"), ".tx")
}

// number is the version's digits without leading zeros; false: it has none that
// count.
func (v Version) number() (string, bool) {
	if v.opaque {
		return "", false
	}
	return leadingNumber(v.stem())
}

// parts are the numbers of a version such as 1.2.1; false: it is no such version.
// 1.2 and 1.2.0 are the same.
func (v Version) parts() ([]string, bool) {
	if v.opaque || !strings.Contains(v.Text, ".") {
		return nil, false
	}
	words := strings.Split(v.Text, ".")
	parts := partsOf(strings.Join(words, "_"))
	all := !slices.ContainsFunc(words, func(w string) bool { _, ok := leadingNumber(w); return !ok })
	return parts, all
}

// partsOf are the numbers that an ID begins with, 0001_2_1_users, without zeros
// behind the last one that is more.
func partsOf(id string) []string {
	var parts []string
	for word := range strings.SplitSeq(id, "_") {
		n, ok := leadingNumber(word)
		if !ok {
			break
		}
		parts = append(parts, n)
	}
	for len(parts) > 1 && parts[len(parts)-1] == "0" {
		parts = parts[:len(parts)-1]
	}
	return parts
}

// leadingNumber is the digits that a text begins with, without leading zeros. The
// digits of a hash are none.
func leadingNumber(text string) (string, bool) {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	if n == 0 || n < len(text) && text[n] != '_' && text[n] != '-' {
		return "", false
	}
	trimmed := strings.TrimLeft(text[:n], "0")
	if trimmed == "" {
		trimmed = "0"
	}
	return trimmed, true
}

// compareNumbers compares numbers without leading zeros, of any length.
func compareNumbers(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

// inWords spells a description as the words of an ID: "Add users" as add_users.
func inWords(description string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(description), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r < 0x80
	}), "_")
}
