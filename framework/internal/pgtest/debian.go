package pgtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// debian fetches a package of Debian or a descendant, with those that it needs and
// the machine lacks, once per user, and answers with the directory into which they
// are unpacked. It needs no root, and installs nothing.
func debian(name string, a *account) (string, error) {
	if _, err := exec.LookPath("apt-get"); err != nil {
		return "", err
	}
	return kept(a, "debian-"+name, "apt-get", isDirectory, func(tmp string) (string, error) {
		packages, err := downloads(tmp, name)
		if err != nil {
			return "", err
		}
		whole := filepath.Join(tmp, "whole")
		for _, p := range packages {
			if out, err := exec.Command("dpkg", "--extract", p, whole).CombinedOutput(); err != nil {
				return "", fmt.Errorf("dpkg: %w %s", err, out)
			}
		}
		return whole, nil
	})
}

func isDirectory(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// downloads are the files of a package and what it needs, in dir. The machine's
// list of packages may be missing or too old; then it is fetched too.
func downloads(dir, name string) ([]string, error) {
	archives, lists := filepath.Join(dir, "archives"), filepath.Join(dir, "lists")
	for _, d := range []string{archives, lists} {
		if err := os.MkdirAll(filepath.Join(d, "partial"), 0o755); err != nil {
			return nil, err
		}
	}
	ours := []string{"-qq", "-o", "Debug::NoLocking=1", "-o", "Dir::Cache=" + dir, "-o", "Dir::Cache::archives=" + archives}
	install := []string{"install", "-y", "--download-only", "--reinstall", "--no-install-recommends", name}
	out, err := exec.Command("apt-get", append(ours, install...)...).CombinedOutput()
	if err != nil {
		ours = append(ours, "-o", "Dir::State::lists="+lists)
		// A list that cannot be had shows in what follows. A step that others have
		// configured for after it may fail, for want of rights.
		_ = exec.Command("apt-get", append(ours, "update")...).Run()
		out, err = exec.Command("apt-get", append(ours, install...)...).CombinedOutput()
	}
	if err != nil {
		return nil, fmt.Errorf("apt-get, for a download: %w\n%s", err, out)
	}
	return filepath.Glob(filepath.Join(archives, "*.deb"))
}

// libraries are the directories of an unpacked package for LD_LIBRARY_PATH.
func libraries(home string) string {
	dirs, _ := filepath.Glob(filepath.Join(home, "usr", "lib", "*-linux-*"))
	more, _ := filepath.Glob(filepath.Join(home, "lib", "*-linux-*"))
	return strings.Join(append(dirs, more...), string(filepath.ListSeparator))
}
