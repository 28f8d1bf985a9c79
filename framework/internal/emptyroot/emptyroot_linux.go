package emptyroot

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// User is the user and the group of distroless images that are not root.
const User = 65532

// New makes an empty root in a temporary folder, with /etc, /dev and /tmp.
func New(t testing.TB) string {
	t.Helper()
	work := t.TempDir()
	root := filepath.Join(work, "root")
	for _, dir := range []string{"etc", "dev", "tmp"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(root, "tmp"), 0o777|os.ModeSticky); err != nil {
		t.Fatal(err)
	}
	for dir := work; dir != os.TempDir() && len(dir) > 1; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil { // temporary folders are private
			t.Fatal(err)
		}
	}
	return root
}

// Give makes a file or a folder the user's.
func Give(t testing.TB, path string) {
	t.Helper()
	if os.Getuid() != 0 {
		return // the user is who runs the test, under another number
	}
	if err := os.Chown(path, User, User); err != nil {
		t.Fatal(err)
	}
}

// Command is a program of a root, in it, as the user, with no other environment
// than env. Where there is neither root nor a user namespace, starting it fails.
func Command(t testing.TB, root string, env []string, program string, words ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, words...)
	cmd.Env, cmd.Dir = env, "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: User, Gid: User, NoSetGroups: true}}
	if os.Getuid() != 0 {
		cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: User, HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: User, HostID: os.Getgid(), Size: 1}}
	}
	return cmd
}

// First makes a command process 1 of a space of its own, as a container does.
func First(cmd *exec.Cmd) *exec.Cmd {
	cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWPID
	return cmd
}
