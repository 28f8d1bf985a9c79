package migrate

import (
	"slices"
	"strings"
)

// findRevision returns the target that a word of the command line names, among
// ids:
//
//   - "head" and "base";
//   - an ID;
//   - the whole number of one ID: 0001 is 0001_initial beside 00010_more;
//   - what only one ID begins with, or the name of only one ID: all behind its
//     first "_".
//
// A *RevisionError tells what the word matches, or which ID is spelled alike.
func findRevision(ids []string, word string) (Target, error) {
	switch {
	case word == "head":
		return Head, nil
	case word == "base":
		return Base, nil
	case word == "":
		return Target{}, &RevisionError{Revision: word}
	case slices.Contains(ids, word):
		return To(word), nil
	}
	matches := choose(ids, func(id string) bool { return numberOf(id) == word })
	if len(matches) == 0 {
		matches = choose(ids, func(id string) bool { return strings.HasPrefix(id, word) || nameOf(id) == word })
	}
	switch len(matches) {
	case 0:
		return Target{}, &RevisionError{Revision: word, Nearest: nearest(ids, word)}
	case 1:
		return To(matches[0]), nil
	}
	return Target{}, &RevisionError{Revision: word, Matches: matches}
}

// choose returns the IDs for which is holds, each once, sorted.
func choose(ids []string, is func(string) bool) []string {
	var chosen []string
	for _, id := range ids {
		if is(id) && !slices.Contains(chosen, id) {
			chosen = append(chosen, id)
		}
	}
	slices.Sort(chosen)
	return chosen
}

// nearest returns the ID that is spelled most like word, as a whole or by its
// name; of equal ones the smallest. Empty: none is near enough to be a slip.
func nearest(ids []string, word string) string {
	best, limit := "", max(2, len(word)/4)+1
	for _, id := range ids {
		for _, text := range []string{id, nameOf(id)} {
			d := distance(text, word, limit)
			if d < limit || d == limit && best != "" && id < best {
				best, limit = id, d
			}
		}
	}
	return best
}

// distance is the number of bytes to insert, drop or replace between a and b; it
// stops counting above limit.
func distance(a, b string, limit int) int {
	if max(len(a)-len(b), len(b)-len(a)) > limit {
		return limit + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal, smallest := row[0], i+1
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
			smallest = min(smallest, cost)
		}
		if smallest > limit {
			return smallest
		}
	}
	return row[len(b)]
}
