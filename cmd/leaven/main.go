// Command leaven writes the files that an application gets from Leaven: a whole
// small application, what an existing one needs, and the file of a new migration.
//
//	go run ./cmd/leaven new shop
//
// It reads source files and never builds or runs them, so that it works while
// they do not compile. What the files say is package scaffold's.
package main

import (
	"io"
	"os"
	"strings"
	"time"
)

func main() {
	g := &generator{in: os.Stdin, out: os.Stdout, err: os.Stderr, now: time.Now, env: os.Getenv}
	os.Exit(g.run(os.Args[1:]))
}

// generator is one run of the program.
type generator struct {
	in       io.Reader
	out, err io.Writer // results; notes, questions and errors
	now      func() time.Time
	env      func(name string) string
}

// run executes the command that the words name, and returns the exit code.
func (g *generator) run(words []string) int {
	root := g.commands()
	root.SetArgs(words)
	if err := root.Execute(); err != nil {
		return g.show(err)
	}
	return codeOK
}

// called is what to type to call the program again.
func called() string {
	if strings.Contains(os.Args[0], "go-build") || strings.HasSuffix(os.Args[0], "-d/leaven") { // where `go run` puts it
		if info, err := os.Stat("cmd/leaven"); err == nil && info.IsDir() {
			return "go run ./cmd/leaven"
		}
	}
	return "leaven"
}
