package cli

import (
	"fmt"
	"strconv"

	"github.com/leavendb/leaven/framework/migrate"
)

// maxSteps is the largest plain number that is read as a number of migrations.
// Longer ones, and those that begin with 0, are the beginning of an ID.
const maxSteps = 9999

// upTarget reads what follows `up`: nothing, N, +N, head, or a revision.
func upTarget(word string) (migrate.Target, error) {
	switch {
	case word == "", word == "head", word == "heads":
		return migrate.Head, nil
	case word == "base":
		return migrate.Target{}, misuse("base is below everything: up cannot go there", "to revert everything, run: {migrate} down base")
	case word[0] == '+':
		n, ok := steps(word[1:])
		if !ok {
			return migrate.Target{}, misuse(fmt.Sprintf("%q is not a number of migrations", word), "give a number, as in: {migrate} up 2")
		}
		return migrate.Steps(n), nil
	}
	if n, err := strconv.Atoi(word); err == nil && n == 0 && len(word) == 1 {
		return migrate.Target{}, misuse("there is nothing to do in 0 steps", "give a number, as in: {migrate} up 1")
	}
	if n, ok := steps(word); ok {
		return migrate.Steps(n), nil
	}
	return migrate.To(word), nil
}

// downTarget reads what follows `down`: N, base, or a revision to go down to.
func downTarget(word string) (migrate.Target, error) {
	switch word {
	case "":
		return migrate.Steps(1), nil
	case "base":
		return migrate.Base, nil
	case "head", "heads":
		return migrate.Target{}, misuse("head is above everything: down cannot go there", "to apply everything, run: {migrate} up")
	case "0":
		return migrate.Target{}, misuse("there is nothing to do in 0 steps", "give a number, as in: {migrate} down 1")
	}
	if n, ok := steps(word); ok {
		return migrate.Steps(n), nil
	}
	return migrate.To(word), nil
}

// steps reads a number of migrations: 1 to maxSteps, written without a leading 0.
func steps(word string) (int, bool) {
	n, err := strconv.Atoi(word)
	if err != nil || n < 1 || n > maxSteps || strconv.Itoa(n) != word {
		return 0, false
	}
	return n, true
}
