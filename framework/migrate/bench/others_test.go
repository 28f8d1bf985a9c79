package bench

import (
	"bufio"
	"fmt"
	"io"
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

// peer is the program while it serves one tool, in a process of its own, which gets
// warm as ours does.
type peer struct {
	ask    io.Writer
	answer *bufio.Reader
}

func newPeer(tool string) (*peer, error) {
	program, err := peers()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(program, tool)
	cmd.Stderr = os.Stderr
	ask, err1 := cmd.StdinPipe() // it ends with ours
	answer, err2 := cmd.StdoutPipe()
	if err1 != nil || err2 != nil {
		return nil, fmt.Errorf("pipes to %s: %w, %w", tool, err1, err2)
	}
	return &peer{ask: ask, answer: bufio.NewReader(answer)}, cmd.Start()
}

// with is a tool that works in a process of its own.
func with(tool string) mover {
	started := sync.OnceValues(func() (*peer, error) { return newPeer(tool) })
	return func(tb testing.TB, url string, from, to int) cost {
		tb.Helper()
		p, err := started()
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := fmt.Fprintln(p.ask, from, to, url); err != nil {
			tb.Fatal(err)
		}
		line, err := p.answer.ReadString('\n')
		if err != nil {
			tb.Fatalf("%s from %d to %d: %v", tool, from, to, err)
		}
		ns, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
		if err != nil {
			tb.Fatal(err)
		}
		return cost{took: time.Duration(ns)}
	}
}
