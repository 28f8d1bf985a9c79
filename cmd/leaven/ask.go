package main

import (
	"bufio"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// pick lets the user choose one of some words. Where nobody can answer it refuses
// with what is undecided, and names the flag.
func (g *generator) pick(question, undecided, flag string, words []string) (string, error) {
	if !onTerminal(g.in) || !onTerminal(g.err) {
		return "", &refusal{code: codeUsage, what: undecided, state: "nothing was written", next: []string{"say which one, as in: " + flag + " " + words[0]}}
	}
	_, _ = fmt.Fprintln(g.err, g.paint("1", question))
	for i, w := range words {
		_, _ = fmt.Fprintf(g.err, "  %d  %s\n", i+1, w)
	}
	_, _ = fmt.Fprint(g.err, "Number or name: ")
	answer, _ := bufio.NewReader(g.in).ReadString('\n')
	answer = strings.TrimSpace(answer)
	if n, err := strconv.Atoi(answer); err == nil && n >= 1 && n <= len(words) {
		return words[n-1], nil
	}
	if slices.Contains(words, answer) {
		return answer, nil
	}
	return "", &refusal{code: codeUsage, what: fmt.Sprintf("%q is none of them", answer), state: "nothing was written", next: []string{"try again, or say which one, as in: " + flag + " " + words[0]}}
}
