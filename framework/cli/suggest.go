package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// flagMisuse turns what pflag says into what to do.
func flagMisuse(cmd *cobra.Command, err error) error {
	help := "for its flags, run: {migrate} help " + cmd.Name()
	if !cmd.HasParent() {
		help = "for all flags, run: {migrate} help"
	}
	var (
		unknown *pflag.NotExistError
		missing *pflag.ValueRequiredError
		invalid *pflag.InvalidValueError
	)
	switch {
	case errors.As(err, &unknown):
		if letters := unknown.GetSpecifiedShortnames(); letters != "" {
			return misuse(fmt.Sprintf("%s has no flag -%s", cmd.Name(), letters), help)
		}
		name := unknown.GetSpecifiedName()
		if near := nearest(name, flagNames(cmd)); near != "" {
			return misuse(fmt.Sprintf("%s has no flag --%s", cmd.Name(), name), "did you mean: --"+near)
		}
		return misuse(fmt.Sprintf("%s has no flag --%s", cmd.Name(), name), help)
	case errors.As(err, &missing):
		return misuse(fmt.Sprintf("--%s needs a value", missing.GetFlag().Name), help)
	case errors.As(err, &invalid):
		return misuse(fmt.Sprintf("--%s does not take %q", invalid.GetFlag().Name, invalid.GetValue()), valueAdvice(invalid))
	}
	return misuse(err.Error(), help)
}

// valueAdvice says what a flag takes.
func valueAdvice(e *pflag.InvalidValueError) string {
	f := e.GetFlag()
	switch v := f.Value.(type) {
	case *choice:
		return fmt.Sprintf("use --%s %s", f.Name, strings.Join(v.of, " or --"+f.Name+" "))
	default:
		switch v.Type() {
		case "duration":
			return fmt.Sprintf("use a duration such as --%s 30s or --%s 5m", f.Name, f.Name)
		case "int":
			return fmt.Sprintf("use a number, as in --%s 2", f.Name)
		case "bool":
			return fmt.Sprintf("use --%s alone, or --%s=false", f.Name, f.Name)
		}
	}
	return "for its flags, run: {migrate} help"
}

func flagNames(cmd *cobra.Command) []string {
	var names []string
	add := func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	}
	cmd.Flags().VisitAll(add)
	cmd.InheritedFlags().VisitAll(add)
	return names
}

// nearest returns the word that is spelled most alike, if it is near enough to
// be what was meant; else an empty string.
func nearest(word string, words []string) string {
	best, distance := "", max(1, len(word)/3)
	for _, w := range words {
		if len(word) >= 3 && strings.HasPrefix(w, word) {
			return w
		}
		if d := edits(word, w); d <= distance && (best == "" || d < distance) {
			best, distance = w, d
		}
	}
	return best
}

// edits counts the letters to insert, delete, replace or swap with their
// neighbour to make a of b.
func edits(a, b string) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}
