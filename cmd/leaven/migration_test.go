package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Two programs that write in the same second do not meet in one file, and the
// later one is told what helps.
func TestFileWrittenByAnother(t *testing.T) {
	dir := t.TempDir()
	theirs := filepath.Join(dir, "20261121090000_same.go")
	const text = "package migrations\n\nvar _ = Migration{ID: \"1\"}\n"
	if err := os.WriteFile(theirs, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, stderr bytes.Buffer
	g := &generator{in: strings.NewReader(""), out: &out, err: &stderr, now: func() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) }, env: func(string) string { return "" }}
	code := g.run([]string{"migration", "same", "--dir", dir})
	for _, want := range []string{"Error: there is a file of this name already: ", "State: nothing was written.", "Next:  run the same command again"} {
		if code != codeUsage || !strings.Contains(stderr.String(), want) {
			t.Errorf("%d, %q, want %q", code, stderr.String(), want)
		}
	}
	if kept, err := os.ReadFile(theirs); err != nil || string(kept) != text {
		t.Errorf("the other's file is %q, %v", kept, err)
	}
}
