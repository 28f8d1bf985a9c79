package cli

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// program is the test binary as the fixture's program.
func asProgram(t *testing.T, fixture, url string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Args[0] = "migrate" // as it is called where it is found on the path
	cmd.Env = []string{"AS_PROGRAM=1", "FIXTURE=" + fixture, "DATABASE_URL=" + url, "PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "TERM=xterm-256color", "GORACE=" + raceOptions,
		"GOCOVERDIR=" + t.TempDir()} // a test binary that counts coverage complains without it
	cmd.Dir = t.TempDir()
	return cmd
}

func codeOf(t *testing.T, err error) int {
	t.Helper()
	var e *exec.ExitError
	if errors.As(err, &e) {
		return e.ExitCode()
	}
	if err != nil {
		t.Fatal(err)
	}
	return 0
}

// start starts cmd and returns what it writes to standard error.
func start(t *testing.T, cmd *exec.Cmd) *bufio.Reader {
	t.Helper()
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return bufio.NewReader(stderr)
}

// until reads to the line that has text.
func until(t *testing.T, r *bufio.Reader, text string) {
	t.Helper()
	for {
		line, err := r.ReadString('\n')
		if strings.Contains(line, text) {
			return
		}
		if err != nil {
			t.Fatalf("ended without %q: %v %s", text, err, line)
		}
	}
}

// rest reads to the end of the program.
func rest(t *testing.T, r *bufio.Reader) string {
	t.Helper()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestSignalsCancelAfterGrace(t *testing.T) {
	for _, kind := range []string{"sqlite", "postgres"} {
		for _, c := range []struct {
			name    string
			signals []os.Signal
			grace   string
			code    int
		}{
			{"terminated, and the grace is over", []os.Signal{syscall.SIGTERM}, "100ms", 143},
			{"interrupted twice", []os.Signal{os.Interrupt, os.Interrupt}, "1h", 130},
		} {
			t.Run(kind+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				_, url := database(t, kind)
				cmd := asProgram(t, "slow", url, "up", "--debug", "--grace", c.grace)
				stderr := start(t, cmd)
				until(t, stderr, "kind=started event.id=20260104090000_slow")
				began := time.Now()
				for i, s := range c.signals {
					if err := cmd.Process.Signal(s); err != nil {
						t.Fatal(err)
					}
					if i == 0 {
						until(t, stderr, "stopping: no new migration begins")
					}
				}
				said := rest(t, stderr)
				if code := codeOf(t, cmd.Wait()); code != c.code {
					t.Errorf("exit code %d, want %d\n%s", code, c.code, said)
				}
				if took := time.Since(began); took > 20*time.Second {
					t.Errorf("it took %v", took)
				}
				for _, want := range []string{"Error: migration 20260104090000_slow was cancelled.\n", "Still at 20260103090000_likes.", "migrate up"} {
					if !strings.Contains(said, want) {
						t.Errorf("no %q in\n%s", want, said)
					}
				}
				out, err := asProgram(t, "slow", url, "status").Output()
				if err != nil || !strings.Contains(string(out), "3 applied, 2 pending.") {
					t.Errorf("%v\n%s", err, out)
				}
			})
		}
	}
}

func TestTheFirstSignalLetsTheRunningMigrationFinish(t *testing.T) {
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			_, url := database(t, kind)
			gate := filepath.Join(t.TempDir(), "gate")
			cmd := asProgram(t, "held", url, "up", "--debug")
			cmd.Env = append(cmd.Env, "HELD="+gate)
			stderr := start(t, cmd)
			until(t, stderr, "kind=started event.id=20260104090000_slow")
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			until(t, stderr, "stopping: no new migration begins") // else it may finish first
			if err := os.WriteFile(gate, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			said := rest(t, stderr)
			if code := codeOf(t, cmd.Wait()); code != 143 {
				t.Errorf("exit code %d\n%s", code, said)
			}
			for _, want := range []string{"applied   20260104090000_slow", "Error: stopped before the next migration.", "Still at 20260104090000_slow."} {
				if !strings.Contains(said, want) {
					t.Errorf("no %q in\n%s", want, said)
				}
			}
		})
	}
}

// prompt is how the screen ends when a person is asked.
var prompt = regexp.MustCompile(`(\[y/N\]|To agree, type [^\n]+:) $`)

// terminal runs cmd on a pseudo-terminal of the given width, and answers each question
// once it is on the screen: the terminal writes what is typed amid what is shown.
func terminal(t *testing.T, cmd *exec.Cmd, width uint16, answer string) (screen string, code int) {
	t.Helper()
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 40, Cols: width})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	hang := time.AfterFunc(time.Minute, func() { // where it asks otherwise
		t.Error("it has not ended within a minute, and was killed")
		_ = cmd.Process.Kill()
	})
	defer hang.Stop()
	var b bytes.Buffer
	for part := make([]byte, 4096); ; {
		n, err := f.Read(part)
		b.Write(part[:n])
		if err != nil { // EIO when the program has ended
			return strings.ReplaceAll(b.String(), "\r\n", "\n"), codeOf(t, cmd.Wait())
		}
		if answer != "" && prompt.Match(b.Bytes()) {
			if _, err := f.WriteString(answer + "\n"); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestTerminal(t *testing.T) {
	_, url := database(t, "sqlite")
	screen, code := terminal(t, asProgram(t, "shop", url, "up", "2"), 100, "")
	t.Log(screen)
	if code != 0 || !strings.Contains(screen, "\x1b[32m  applied ") || !strings.Contains(screen, "Applied 2 migrations") {
		t.Errorf("code %d, %q", code, screen)
	}
	screen, _ = terminal(t, asProgram(t, "shop", url), 100, "")
	t.Log(screen)
	for _, want := range []string{"State", "\x1b[32mapplied\x1b[0m", "\x1b[33mpending\x1b[0m", "─", "To apply, run: migrate up"} {
		if !strings.Contains(screen, want) {
			t.Errorf("no %q in\n%q", want, screen)
		}
	}
	for _, verb := range []string{"status", "history"} {
		narrow, _ := terminal(t, asProgram(t, "shop", url, verb), 50, "")
		t.Log(narrow)
		for line := range strings.SplitSeq(narrow, "\n") {
			if n := cells(line); n > 50 && !strings.HasPrefix(line, "\x1b[2mDatabase:") {
				t.Errorf("%s: %d cells: %q", verb, n, line)
			}
		}
		if !strings.Contains(narrow, "20260101090000_authors") {
			t.Errorf("%s: an ID was cut off", verb)
		}
	}
	ascii := asProgram(t, "shop", url, "status")
	ascii.Env = append(ascii.Env, "LC_ALL=C")
	if screen, _ := terminal(t, ascii, 100, ""); strings.Contains(screen, "─") || !strings.Contains(screen, "-----") {
		t.Errorf("more than ASCII in %q", screen)
	}
	plain := asProgram(t, "shop", url, "status")
	plain.Env = append(plain.Env, "NO_COLOR=1")
	if screen, _ := terminal(t, plain, 100, ""); strings.Contains(screen, "\x1b[") || !strings.Contains(screen, "─") {
		t.Errorf("colours in %q", screen)
	}
}

// cells counts what a line takes on the screen, without colours.
func cells(line string) int {
	n, escape := 0, false
	for _, r := range line {
		switch {
		case r == '\x1b':
			escape = true
		case escape:
			escape = r != 'm' && r != 'K'
		case r != '\r':
			n++
		}
	}
	return n
}

func TestTheTerminalAsks(t *testing.T) {
	_, url := database(t, "sqlite")
	if out, err := asProgram(t, "shop", url, "up").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, c := range []struct {
		answer string
		code   int
		want   string
	}{
		{"", 2, ""}, {"n", 2, "not agreed, so nothing was done"}, {"y", 2, "To agree, type test.db:"}, {"test.db", 0, "Reverted 1 migration"},
	} {
		cmd := asProgram(t, "shop", url, "down")
		cmd.Env = append(cmd.Env, "APP_ENV=production")
		answer := c.answer
		if answer == "" {
			answer = "\x04" // end of file
		}
		screen, code := terminal(t, cmd, 200, answer)
		if code != c.code || !strings.Contains(screen, c.want) || !strings.Contains(screen, "Really revert 20260103090000_likes, and lose data (drop table likes)?") {
			t.Errorf("%q: code %d\n%s", c.answer, code, screen)
		}
	}
}

// Where data does not matter, a person is asked only about what has rows, and a
// script is refused there.
func TestTheTerminalAsksAboutRows(t *testing.T) {
	db, url := database(t, "sqlite")
	if out, err := asProgram(t, "shop", url, "up").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	screen, code := terminal(t, asProgram(t, "shop", url, "down"), 100, "")
	if code != 0 || strings.Contains(screen, "Really") {
		t.Errorf("an empty table: code %d\n%s", code, screen)
	}
	if _, err := db.Exec("INSERT INTO posts (id, name) VALUES (1, 'a')"); err != nil {
		t.Fatal(err)
	}
	screen, code = terminal(t, asProgram(t, "shop", url, "redo"), 100, "n")
	if code != 2 || !strings.Contains(screen, "Really revert 20260102090000_posts, and lose data (drop table posts)?") {
		t.Errorf("a table with a row: code %d\n%s", code, screen)
	}
	if out, err := asProgram(t, "shop", url, "down").CombinedOutput(); codeOf(t, err) != 2 || !strings.Contains(string(out), "nobody is here to answer") {
		t.Errorf("nobody is there: %v\n%s", err, out)
	}
}

// A reset takes the database's name where data matters, and a yes elsewhere.
func TestTheTerminalAsksBeforeAReset(t *testing.T) {
	_, url := database(t, "sqlite")
	for _, c := range []struct {
		env, answer string
		code        int
		want        string
	}{
		{"", "n", 2, "Really revert all 3 migrations of test.db, and lose the data in what they made?"},
		{"", "y", 0, "Now at base"},
		{"APP_ENV=production", "y", 2, "To agree, type test.db:"},
		{"APP_ENV=production", "test.db", 0, "Now at base"},
	} {
		if out, err := asProgram(t, "shop", url, "up").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		cmd := asProgram(t, "shop", url, "reset")
		cmd.Env = append(cmd.Env, c.env)
		screen, code := terminal(t, cmd, 200, c.answer)
		if code != c.code || !strings.Contains(screen, c.want) {
			t.Errorf("%s %q: code %d\n%s", c.env, c.answer, code, screen)
		}
	}
}
