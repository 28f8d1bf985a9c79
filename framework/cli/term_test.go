package cli

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/uptrace/bun"
)

func init() {
	sets["counts"] = func() []migrate.Migration {
		m := then("20260104090000_slow", likes)
		m.Up = func(ctx context.Context, db bun.IDB) error {
			migrate.ReportProgress(ctx, 30, 120)
			return held(ctx, db)
		}
		return append(shop(), m)
	}
	sets["wrong"] = func() []migrate.Migration {
		m := then("20260104090000_fails", likes)
		m.Up = func(ctx context.Context, db bun.IDB) error {
			_, err := db.ExecContext(ctx, "SELECT id, name FROM authors WHERE nme = 'x'")
			return err
		}
		return append(shop(), m)
	}
}

func TestRate(t *testing.T) {
	began := time.Unix(0, 0)
	for _, tt := range []struct {
		first, done, total int64
		after              time.Duration
		want               string
	}{
		{0, 0, 0, 0, "0"},
		{5, 30, 120, 500 * time.Millisecond, "30 of 120 (25 %)"},
		{0, 30, 120, 2 * time.Second, "30 of 120 (25 %), 15/s, 6 s left"},
		{10, 30, 0, 10 * time.Second, "30, 2.0/s"},
		{0, 5, 5, 10 * time.Second, "5 of 5 (100 %), 0.5/s"},
		{0, 7, 5, 10 * time.Second, "7 of 5 (100 %), 0.7/s"},
		{0, 1000, 100000, 10 * time.Second, "1000 of 100000 (1 %), 100/s, 16 min 30 s left"},
		{30, 20, 40, 10 * time.Second, "20 of 40 (50 %)"},
		{0, 96, 100, 10 * time.Second, "96 of 100 (96 %), 9.6/s, 1 s left"},
	} {
		r := rate{began: began, from: tt.first}
		if got := r.tell(tt.done, tt.total, began.Add(tt.after)); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestFit(t *testing.T) {
	for _, tt := range []struct {
		width   int
		unicode bool
		want    string
	}{
		{0, true, "  applying  20260104090000_slow  30 of 120 (25 %)"},
		{60, true, "  applying  20260104090000_slow  30 of 120 (25 %)"},
		{45, true, "  applying  202601…00_slow  30 of 120 (25 %)"},
		{40, false, "  applying  202...low  30 of 120 (25 %)"},
		{30, true, "  applying  30 of 120 (25 %)"},
		{20, true, "  applying  30 of 1"},
	} {
		got := output{width: tt.width, unicode: tt.unicode}.fit("  applying", "20260104090000_slow", "30 of 120 (25 %)")
		if got != tt.want || tt.width > 0 && cells(got) >= tt.width {
			t.Errorf("%d: got %q, want %q", tt.width, got, tt.want)
		}
	}
	if got := (output{width: 40}).fit("  applying", "20260104090000_slow", "30 of 120 (25 %), 15/s, 16 min left"); got != "  applying  30 of 120 (25 %), 15/s" {
		t.Errorf("half a part is no news: %q", got)
	}
}

func TestFolded(t *testing.T) {
	for width, want := range map[int]string{
		0:  "one two three https://example.com/a/long/word",
		10: "one two three https://example.com/a/long/word",
		20: "one two three|https://example.com/a/long/word",
	} {
		if got := strings.Join(folded("one two three https://example.com/a/long/word", width), "|"); got != want {
			t.Errorf("%d: %q", width, got)
		}
	}
}

// Progress is one line that changes, at any width; the first Ctrl-C lets the
// migration finish, and the second ends it.
func TestTheTerminalShowsProgress(t *testing.T) {
	for _, tt := range []struct {
		name   string
		width  uint16
		ascii  bool
		twice  bool
		code   int
		screen []string
	}{
		{"wide, once", 120, false, false, 0, []string{"applying  20260104090000_slow  30 of 120 (25 %)", "stopping: no new migration begins", "applied \x1b[0m  20260104090000_slow"}},
		{"narrow, twice", 40, true, true, 130, []string{"30 of 120 (25 %)", "...", "stopping: no new migration begins", "was cancelled"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, address := database(t, "sqlite")
			gate := filepath.Join(t.TempDir(), "gate")
			cmd := asProgram(t, "counts", address, "up", "--grace", "1h")
			if tt.twice { // what is cancelled has to listen
				cmd = asProgram(t, "listens", address, "up", "--grace", "1h")
			}
			cmd.Env = append(cmd.Env, "HELD="+gate)
			if tt.ascii {
				cmd.Env = append(cmd.Env, "LC_ALL=C")
			}
			f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 30, Cols: tt.width})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = f.Close() }()
			var screen strings.Builder
			buffer := make([]byte, 4096)
			seen := func(text string) {
				for !strings.Contains(screen.String(), text) {
					n, err := f.Read(buffer)
					screen.Write(buffer[:n])
					if err != nil {
						t.Fatalf("it ended without %q:\n%s", text, screen.String())
					}
				}
			}
			seen("30 of 120")
			interrupt(t, cmd.Process)
			seen("stopping")
			if tt.twice {
				interrupt(t, cmd.Process)
			} else if err := os.WriteFile(gate, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			for {
				n, err := f.Read(buffer)
				screen.Write(buffer[:n])
				if err != nil {
					break
				}
			}
			code := codeOf(t, cmd.Wait())
			t.Log(screen.String())
			if code != tt.code {
				t.Errorf("exit code %d", code)
			}
			for _, want := range tt.screen {
				if !strings.Contains(screen.String(), want) {
					t.Errorf("no %q", want)
				}
			}
			for live := range strings.SplitSeq(screen.String(), "\r\x1b[K") {
				line, _, ended := strings.Cut(live, "\r\n")
				if !ended && cells(line) >= int(tt.width) {
					t.Errorf("a line that changes has %d cells of %d: %q", cells(line), tt.width, line)
				}
			}
			if tt.ascii {
				for _, r := range screen.String() {
					if r > 127 {
						t.Errorf("more than ASCII: %q", r)
						break
					}
				}
			}
		})
	}
}

func init() {
	sets["listens"] = func() []migrate.Migration {
		m := then("20260104090000_slow", likes)
		m.Up = func(ctx context.Context, _ bun.IDB) error {
			migrate.ReportProgress(ctx, 30, 120)
			<-ctx.Done()
			return ctx.Err()
		}
		return append(shop(), m)
	}
}

// interrupt is what Ctrl-C makes of the terminal.
func interrupt(t *testing.T, p *os.Process) {
	t.Helper()
	if err := p.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
}

// Each screen fits the terminal, but for what people copy: paths, addresses,
// commands and SQL stay whole, and the terminal breaks them.
func TestScreensFitNarrowTerminals(t *testing.T) {
	_, address := database(t, "sqlite")
	if out, err := asProgram(t, "shop", address, "up", "2").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, width := range []uint16{40, 80, 200} {
		for _, args := range [][]string{{"status"}, {"history"}, {"info"}, {"doctor"}, {"up", "--dry-run"}, {"up", "--lock-wait", "x"}, {"stats"}} {
			screen, _ := terminal(t, asProgram(t, "shop", address, args...), width, "")
			t.Logf("%d cells: %q\n%s", width, args, screen)
			for line := range strings.SplitSeq(screen, "\n") {
				if cells(line) > int(width) && !strings.ContainsAny(line, "/\";:") {
					t.Errorf("%q has a line of %d cells at %d: %q", args, cells(line), width, line)
				}
			}
		}
	}
	_, postgres := database(t, "postgres")
	for _, width := range []uint16{40, 100} {
		screen, code := terminal(t, asProgram(t, "wrong", postgres, "up"), width, "")
		t.Logf("%d cells\n%s", width, screen)
		if code != codeFailed || !strings.Contains(screen, "^") {
			t.Error(code)
		}
	}
}

// A terminal in CI has nobody before it, who could answer.
func TestNothingIsAskedInCI(t *testing.T) {
	_, address := database(t, "sqlite")
	if out, err := asProgram(t, "shop", address, "up").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := asProgram(t, "shop", address, "reset")
	cmd.Env = append(cmd.Env, "CI=true")
	screen, code := terminal(t, cmd, 100, "y")
	if code != codeUsage || strings.Contains(screen, "Really") || !strings.Contains(screen, "where CI is set nothing is asked") || !strings.Contains(screen, "--confirm") {
		t.Errorf("%d %s", code, screen)
	}
}

func init() {
	waits := func(ctx context.Context, _ bun.IDB) error {
		<-ctx.Done()
		return ctx.Err()
	}
	sets["outside"] = func() []migrate.Migration {
		m := then("20260104090000_slow", likes)
		m.NoTx, m.Up = true, waits
		return append(shop(), m)
	}
	sets["reverts"] = func() []migrate.Migration {
		m := then("20260104090000_slow", likes)
		m.Down = waits
		return append(shop(), m)
	}
}

// What is advised after a cancellation is what can be done then.
func TestTheWayOnFromWhatWasCancelled(t *testing.T) {
	for fixture, next := range map[string]string{
		"outside": "resolve --pending 20260104090000_slow",
		"listens": "to go on, run: migrate up\n",
		"reverts": "to see how far it came, run: migrate status\n",
	} {
		t.Run(fixture, func(t *testing.T) {
			t.Parallel()
			_, address := database(t, "sqlite")
			verb := "up"
			if fixture == "reverts" {
				verb = "down"
				if out, err := asProgram(t, fixture, address, "up").CombinedOutput(); err != nil {
					t.Fatalf("%v\n%s", err, out)
				}
			}
			cmd := asProgram(t, fixture, address, verb, "--debug", "--grace", "0s")
			stderr := start(t, cmd)
			until(t, stderr, "kind=started event.id=20260104090000_slow event.direction="+verb)
			interrupt(t, cmd.Process)
			said := rest(t, stderr)
			if code := codeOf(t, cmd.Wait()); code != 130 || !strings.Contains(said, next) {
				t.Errorf("%d\n%s", code, said)
			}
		})
	}
}
