//go:build unix

package readme

import (
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestOrdinaryAccount runs the first of the two commands as somebody who owns
// nothing but a folder. Where the tests run as root that is nobody, else whoever
// runs them.
//
// It is the built program: `go run` by nobody would build SQLite once more into
// a cache of its own.
func TestOrdinaryAccount(t *testing.T) {
	dir, err := os.MkdirTemp("", "leaven-account-") // not t.TempDir, which others cannot enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	binary, mine, others := filepath.Join(dir, "migrate"), filepath.Join(dir, "mine"), filepath.Join(dir, "others")
	for _, d := range []string{dir, mine, others} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(d, 0o755); err != nil { // whatever the umask is
			t.Fatal(err)
		}
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./cmd/migrate")
	build.Dir = repository(t)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	who := ordinary(t)
	if who != nil {
		if err := os.Chown(mine, int(who.Uid), int(who.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(others, 0o555); err != nil {
		t.Fatal(err)
	}

	as := func(dir string, args ...string) (string, int) {
		cmd := exec.CommandContext(t.Context(), binary, args...)
		cmd.Dir = dir
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=/nonexistent"}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who}
		out, _ := cmd.CombinedOutput()
		if cmd.ProcessState == nil {
			t.Fatalf("the program did not start in %s", dir)
		}
		t.Logf("$ migrate %s\n%s", strings.Join(args, " "), out)
		return string(out), cmd.ProcessState.ExitCode()
	}
	if out, code := as(mine, "up"); code != 0 || !strings.Contains(out, "Applied ") {
		t.Errorf("up: exit code %d", code)
	}
	if out, code := as(mine, "down"); code != 0 || !strings.Contains(out, "Reverted 1 migration ") {
		t.Errorf("down: exit code %d", code)
	}
	if out, code := as(others, "up"); code != 6 || !strings.Contains(out, "permission denied") || !strings.Contains(out, "Next: ") {
		t.Errorf("up in a folder that may not be written: exit code %d", code)
	}
	if out, code := as(others, "status"); code != 0 || !strings.Contains(out, "pending") {
		t.Errorf("status in a folder that may not be written: exit code %d", code)
	}
}

// ordinary is the account to become; nil: the one we have is ordinary.
func ordinary(t *testing.T) *syscall.Credential {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal("as root this test needs the account nobody:", err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}
