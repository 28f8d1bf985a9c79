package pgtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

// npmReleases pins one build of each major version that we promise to support.
var npmReleases = map[string]string{
	"14": "14.23.0-beta.17",
	"15": "15.18.0-beta.17",
	"16": "16.14.0-beta.17",
	"17": "17.10.0-beta.17",
	"18": "18.4.0-beta.17",
}

const newest = "18"

// npm fetches the binaries of a major version, once per user, and answers with
// the directory they are in.
func npm(major string, a *account) (string, error) {
	release, ok := npmReleases[major]
	if !ok {
		return "", fmt.Errorf("PGTEST_VERSION is %q: choose 14, 15, 16, 17 or 18", major)
	}
	programs := filepath.Join("native", "bin")
	home, err := kept(a, platform()+"-"+release, "npm",
		func(home string) bool { return complete(filepath.Join(home, programs)) },
		func(tmp string) (string, error) { return unpack(tmp, "@embedded-postgres/"+platform()+"@"+release) })
	return filepath.Join(home, programs), err
}

// unpack downloads spec into tmp and returns the directory of what was in it.
func unpack(tmp, spec string) (string, error) {
	pack := exec.Command("npm", "pack", "--silent", "--pack-destination", tmp, spec)
	pack.Dir = tmp
	if out, err := pack.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm pack %s: %w %s", spec, err, out)
	}
	files, _ := filepath.Glob(filepath.Join(tmp, "*.tgz"))
	if len(files) != 1 {
		return "", fmt.Errorf("npm pack %s left %d archives instead of one", spec, len(files))
	}
	if out, err := exec.Command("tar", "-xzf", files[0], "-C", tmp).CombinedOutput(); err != nil {
		return "", fmt.Errorf("tar: %w %s", err, out)
	}
	pkg := filepath.Join(tmp, "package")
	if err := link(pkg); err != nil {
		return "", err
	}
	return pkg, readable(pkg)
}

// link makes the symbolic links that an npm archive cannot hold and lists instead.
func link(pkg string) error {
	text, err := os.ReadFile(filepath.Join(pkg, "native", "pg-symlinks.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(text, &links); err != nil {
		return err
	}
	for _, l := range links {
		target := filepath.Join(pkg, l.Target)
		source, err := filepath.Rel(filepath.Dir(target), filepath.Join(pkg, l.Source))
		if err != nil {
			return err
		}
		if err := os.Symlink(source, target); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}

// readable opens the tree to every account, as the server may run as another.
func readable(dir string) error {
	return filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.Type()&fs.ModeSymlink != 0 {
			return err
		}
		mode := fs.FileMode(0o755)
		if !e.IsDir() && filepath.Base(filepath.Dir(path)) != "bin" {
			mode = 0o644
		}
		return os.Chmod(path, mode)
	})
}
