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

// with lets a tool work on an empty database, in a process of its own.
func (s server) with(tool, way string, n int) contender {
	return func(tb testing.TB) time.Duration {
		program, err := peers()
		if err != nil {
			tb.Fatal(err)
		}
		out, err := exec.CommandContext(tb.Context(), program, tool, way, strconv.Itoa(n), s.empty(tb)).CombinedOutput()
		if err != nil {
			tb.Fatalf("%s %s: %v\n%s", tool, way, err, out)
		}
		ns, err := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
		if err != nil {
			tb.Fatal(err)
		}
		return time.Duration(ns)
	}
}
