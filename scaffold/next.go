package scaffold

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Next returns the ID of a migration that comes after all of taken, numbered as
// the greatest of them is: after a time it is the time, now or later, and after
// a counter (0007_initial) the next one, as wide. words are what follows the
// number and are taken as they are; they may be empty.
func Next(now time.Time, words string, taken []string) (string, error) {
	last := ""
	for _, id := range taken {
		if digits(number(id)) {
			last = max(last, id)
		}
	}
	next, err := nextNumber(now, last, taken)
	if err != nil {
		return "", err
	}
	if words != "" {
		next += "_" + words
	}
	if slices.Contains(taken, next) { // of IDs that are not well formed
		return "", fmt.Errorf("the ID %s is taken", next)
	}
	return next, nil
}

func nextNumber(now time.Time, last string, taken []string) (string, error) {
	if last != "" && !stamped(last) {
		return increment(number(last))
	}
	id, err := ID(now, "next", taken)
	return number(id), err
}

// increment adds one to a counter without making it wider: a wider one would
// sort before it.
func increment(counter string) (string, error) {
	n := []byte(counter)
	for i := range slices.Backward(n) {
		if n[i] < '9' {
			n[i]++
			return string(n), nil
		}
		n[i] = '0'
	}
	return "", fmt.Errorf("%s is the last counter of %d digits: rename the migrations to wider ones, such as 0%s", counter, len(counter), counter)
}

// stamped reports whether an ID begins with a time.
func stamped(id string) bool {
	if len(id) < len(stampLayout) {
		return false
	}
	_, err := time.Parse(stampLayout, id[:len(stampLayout)])
	return err == nil
}

// number is what is before the first "_" of an ID.
func number(id string) string { n, _, _ := strings.Cut(id, "_"); return n }

func digits(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }
