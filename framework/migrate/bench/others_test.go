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

// other lets a tool work in a process of its own.
func other(tb testing.TB, tool, way string, n int, url string) time.Duration {
	tb.Helper()
	program, err := peers()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := exec.CommandContext(tb.Context(), program, tool, way, strconv.Itoa(n), url).CombinedOutput()
	if err != nil {
		tb.Fatalf("%s %s: %v\n%s", tool, way, err, out)
	}
	ns, err := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
	if err != nil {
		tb.Fatal(err)
	}
	return time.Duration(ns)
}

// applying lets a tool apply n migrations to an empty database.
func (s server) applying(tool string, n int) contender {
	return func(tb testing.TB) time.Duration { return other(tb, tool, "up", n, s.empty(tb)) }
}

// reverting lets it revert them.
func (s server) reverting(tool string, n int) contender {
	return func(tb testing.TB) time.Duration {
		url := s.empty(tb)
		other(tb, tool, "up", n, url)
		return other(tb, tool, "down", n, url)
	}
}
