package pgtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// apt installs a package, and what it needs, where we are root on Debian or a
// descendant.
func apt(name string) error {
	if os.Getenv("PGTEST_NO_INSTALL") != "" {
		return errors.New("apt-get: PGTEST_NO_INSTALL is set")
	}
	if os.Geteuid() != 0 {
		return errors.New("apt-get: not root")
	}
	if _, err := exec.LookPath("apt-get"); err != nil {
		return err
	}
	if err := noMainCluster(); err != nil {
		return err
	}
	for _, args := range [][]string{
		{"update", "-qq"},
		{"install", "-y", "-qq", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120", "-o", "Dpkg::Options::=--force-confold", name},
	} {
		c := exec.Command("apt-get", args...)
		c.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1") // starts no services
		if out, err := c.CombinedOutput(); err != nil {
			return fmt.Errorf("apt-get %s: %w\n%s", args[0], err, out)
		}
	}
	return nil
}

// noMainCluster keeps Debian's package from starting a server on port 5432,
// unless the machine's owner has already said how it is to behave.
func noMainCluster() error {
	const dir = "/etc/postgresql-common"
	file := filepath.Join(dir, "createcluster.conf")
	if _, err := os.Stat(file); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, []byte("create_main_cluster = false\n"), 0o644)
}

// docker answers with the image to run when a daemon listens.
func docker() (string, error) {
	if out, err := exec.Command("docker", "info", "--format", "{{.ServerVersion}}").CombinedOutput(); err != nil {
		return "", fmt.Errorf("docker: %w %s", err, out)
	}
	return "postgres:17", nil
}

// platform is npm's name for this machine, as in linux-x64.
func platform() string {
	arch := runtime.GOARCH
	if arch == "amd64" {
		arch = "x64"
	}
	return runtime.GOOS + "-" + arch
}
