package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// A person is asked, and may answer with a number or a name.
func TestPick(t *testing.T) {
	for answer, want := range map[string]string{"2\n": "b", "a\n": "a", "\n": "", "3\n": "", "x\n": ""} {
		keyboard, screen, err := pty.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(keyboard, answer); err != nil {
			t.Fatal(err)
		}
		g := &generator{in: screen, out: io.Discard, err: screen, env: func(string) string { return "" }}
		got, err := g.pick("Which?", "two of them", "--models", []string{"a", "b"})
		_ = screen.Close()
		shown, _ := io.ReadAll(keyboard) // until the other end is closed
		_ = keyboard.Close()
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v, want %q", answer, got, err, want)
		}
		if !bytes.Contains(shown, []byte("1  a\r\n  2  b")) {
			t.Errorf("on the screen: %q", shown)
		}
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
