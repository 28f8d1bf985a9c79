package pgtest

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// childEnv makes a copy of this test binary play a test process of its own.
const childEnv = "PGTEST_TEST_CHILD"

// TestChild is the other process's part; by itself it has nothing to do.
func TestChild(t *testing.T) {
	switch os.Getenv(childEnv) {
	case "database":
		db, _ := New(t)
		var n int
		if err := db.QueryRowContext(t.Context(), "SELECT 42").Scan(&n); err != nil {
			t.Fatal(err)
		}
		fmt.Println("uid", os.Getuid(), "got", n)
	case "hold":
		primary, standby := Standby(t)
		fmt.Println("holding", primary, standby)
		_, _ = io.Copy(io.Discard, os.Stdin) // until we are killed
	}
}

// child prepares a test process that shares nothing with this one. When we are
// root it is an ordinary user's, so that both ways of starting a server are seen.
func child(t *testing.T, part string) *exec.Cmd {
	t.Helper()
	a, err := serverAccount()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("/tmp", "pgtest-child-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	binary := filepath.Join(dir, "child.test")
	copyFile(t, os.Args[0], binary) // go test's own directory is closed to others
	for _, path := range []string{dir, binary} {
		if err := a.own(path); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.Command(binary, "-test.run=^TestChild$", "-test.v")
	c.Env = append(os.Environ(), childEnv+"="+part, "TMPDIR="+dir, "HOME="+dir, "XDG_CACHE_HOME=", "TEST_DATABASE_URL=")
	c.Dir, c.SysProcAttr = dir, a.attributes()
	return c
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, b, 0o755); err != nil {
		t.Fatal(err)
	}
}

func TestAnOrdinaryUserGetsAServer(t *testing.T) {
	out, err := child(t, "database").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !strings.Contains(string(out), "got 42") || strings.Contains(string(out), "uid 0 ") {
		t.Errorf("unexpected output:\n%s", out)
	}
}

func TestServersEndWithAProcessThatIsKilled(t *testing.T) {
	c := child(t, "hold")
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	urls := holding(t, out)
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	deadline := time.Now().Add(30 * time.Second)
	for _, u := range urls {
		for Open(t, u).PingContext(t.Context()) == nil {
			if time.Now().After(deadline) {
				t.Fatalf("%s still answers", u)
			}
		}
	}
}

func holding(t *testing.T, out io.Reader) []string {
	t.Helper()
	s := bufio.NewScanner(out)
	var all []string
	for s.Scan() {
		if rest, ok := strings.CutPrefix(s.Text(), "holding "); ok {
			return strings.Fields(rest)
		}
		all = append(all, s.Text())
	}
	t.Fatalf("the child ended early:\n%s", strings.Join(all, "\n"))
	return nil
}

func TestVariantTellsSimilarDirectoriesApart(t *testing.T) {
	seen := map[string]string{}
	for _, bin := range []string{"", "/opt/a/15/bin", "/opt/b/15/bin", "/opt/a/16/bin"} {
		t.Setenv("PGTEST_BIN", bin)
		v := variant()
		if other, ok := seen[v]; ok {
			t.Errorf("%q and %q share %q", bin, other, v)
		}
		seen[v] = bin
	}
}

func TestWhatIsWrongWithPGTEST_BINIsSaid(t *testing.T) {
	for dir, want := range map[string]string{
		"relative/bin": "absolute path",
		t.TempDir():    "initdb and postgres",
	} {
		t.Setenv("PGTEST_BIN", dir)
		if _, err := find(nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want it to mention %q", dir, err, want)
		}
	}
}

func TestABadTEST_DATABASE_URLIsNotRepeated(t *testing.T) {
	for raw, good := range map[string]bool{
		"postgres://u:s3cret@localhost:5432/db": true,
		"postgresql://localhost/db":             true,
		"postgres://u:s3cret%zz@localhost/db":   false,
		"host=localhost password=s3cret":        false,
		"mysql://u:s3cret@localhost/db":         false,
	} {
		err := spoken(raw)
		if (err == nil) != good {
			t.Errorf("%s: got %v", raw, err)
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("the password is in %q", err)
		}
	}
}

func TestAServerIsKnownByItsName(t *testing.T) {
	if answers(URL(t), "somebody_else") {
		t.Error("a server with another name was taken for ours")
	}
}

func TestATakenPortIsNotTheEnd(t *testing.T) {
	for text, want := range map[string]bool{
		`could not bind IPv4 address "127.0.0.1": Address already in use`: true,
		"Bind for 127.0.0.1:1 failed: port is already allocated":          true,
		"could not create shared memory segment":                          false,
	} {
		if got := portTaken(fmt.Errorf("ended: %s", text)); got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
}
