package bench

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// folder is for what is built once, when a benchmark needs it.
var folder string

// peers builds the program that lets goose and sql-migrate work, which tells the
// time that they took itself.
var peers = sync.OnceValues(func() (string, error) {
	program := filepath.Join(folder, "peers")
	cmd := exec.Command("go", "build", "-o", program, ".")
	cmd.Dir, cmd.Stderr = filepath.Join("testdata", "peers"), os.Stderr
	return program, cmd.Run()
})

// with is a tool that works in a process of its own.
func with(tool string) mover {
	return func(tb testing.TB, url string, from, to int) time.Duration {
		tb.Helper()
		program, err := peers()
		if err != nil {
			tb.Fatal(err)
		}
		out, err := exec.CommandContext(tb.Context(), program, tool, strconv.Itoa(from), strconv.Itoa(to), url).CombinedOutput()
		if err != nil {
			tb.Fatalf("%s from %d to %d: %v\n%s", tool, from, to, err, out)
		}
		ns, err := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
		if err != nil {
			tb.Fatal(err)
		}
		return time.Duration(ns)
	}
}
