package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
)

// A person is asked, and may answer with a number or a name.
func TestPick(t *testing.T) {
	const question = "1  a\r\n  2  b\r\nNumber or name: "
	for answer, want := range map[string]string{"2\n": "b", "a\n": "a", "\n": "", "3\n": "", "x\n": ""} {
		keyboard, screen, err := pty.Open()
		if err != nil {
			t.Fatal(err)
		}
		typed := sync.OnceFunc(func() { _, _ = io.WriteString(keyboard, answer) })
		hang := time.AfterFunc(time.Minute, typed) // where the question never comes
		shown := make(chan string)
		go func() { // reads to the end of the question, then types: the terminal writes what is typed amid what is shown
			var seen []byte
			for b := make([]byte, 1); !bytes.HasSuffix(seen, []byte(question)); seen = append(seen, b[0]) {
				if _, err := keyboard.Read(b); err != nil {
					break
				}
			}
			typed()
			shown <- string(seen)
		}()
		g := &generator{in: screen, out: io.Discard, err: screen, env: func(string) string { return "" }}
		got, err := g.pick("Which?", "two of them", "--models", []string{"a", "b"})
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v, want %q", answer, got, err, want)
		}
		_ = screen.Close()
		if seen := <-shown; !strings.HasSuffix(seen, question) {
			t.Errorf("on the screen: %q", seen)
		}
		hang.Stop()
		_ = keyboard.Close()
	}
}

// Where nobody can answer, the flag is named.
func TestPickWithoutAPerson(t *testing.T) {
	g := &generator{in: strings.NewReader("1\n"), out: io.Discard, err: io.Discard, env: os.Getenv}
	_, err := g.pick("Which?", "two of them", "--models", []string{"a", "b"})
	var r *refusal
	if !errors.As(err, &r) || r.code != codeUsage || !strings.Contains(r.next[0], "--models a") {
		t.Errorf("%+v", r)
	}
}
