package pgtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

const remedies = `no PostgreSQL for the tests. Do one of these:
  set TEST_DATABASE_URL to a server where you may create databases and roles,
  set PGTEST_BIN to a directory that holds initdb and postgres,
  install PostgreSQL (Debian: apt-get install postgresql),
  install npm, and the tests fetch PostgreSQL by themselves, or
  start Docker`

// origin is where a server comes from: a directory of binaries, or an image. That
// of a pooler is the program, and where its libraries are if not with the others.
type origin struct {
	Bin       string `json:",omitempty"`
	Image     string `json:",omitempty"`
	Libraries string `json:",omitempty"`
}

// find tries everything the package promises, cheapest first.
func find(a *account) (origin, error) {
	if dir := os.Getenv("PGTEST_BIN"); dir != "" {
		return named(dir, a)
	}
	if v := os.Getenv("PGTEST_VERSION"); v != "" {
		bin, err := npm(v, a)
		return origin{Bin: bin}, err
	}
	if bin, ok := installed(a); ok {
		return origin{Bin: bin}, nil
	}
	aptErr := apt("postgresql")
	if bin, ok := installed(a); ok {
		return origin{Bin: bin}, nil
	}
	bin, npmErr := npm(newest, a)
	if npmErr == nil {
		return origin{Bin: bin}, nil
	}
	image, dockerErr := docker()
	if dockerErr == nil {
		return origin{Image: image}, nil
	}
	return origin{}, fmt.Errorf("%s\nWhat was tried: %w", remedies, errors.Join(aptErr, npmErr, dockerErr))
}

// named is strict: who names a directory wants that one and no other.
func named(dir string, a *account) (origin, error) {
	if !filepath.IsAbs(dir) {
		return origin{}, fmt.Errorf("PGTEST_BIN is %q: make it an absolute path, because each package's tests run in another directory", dir)
	}
	if !complete(dir) {
		return origin{}, fmt.Errorf("PGTEST_BIN is %q, where initdb and postgres are not both found: name the directory that holds them", dir)
	}
	return origin{Bin: dir}, a.reach(dir)
}

// installed looks on PATH and in the places of Debian, Red Hat, source builds
// and Homebrew, newest version first.
func installed(a *account) (string, bool) {
	var dirs []string
	if p, err := exec.LookPath("postgres"); err == nil {
		// Behind a link the files that belong to the binary are elsewhere.
		if p, err = filepath.EvalSymlinks(p); err == nil {
			dirs = append(dirs, filepath.Dir(p))
		}
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin",
		"/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin",
	} {
		found, _ := filepath.Glob(pattern)
		slices.Reverse(found)
		dirs = append(dirs, found...)
	}
	for _, d := range dirs {
		if complete(d) && a.reach(d) == nil {
			return d, true
		}
	}
	return "", false
}

func complete(dir string) bool {
	for _, name := range []string{"initdb", "postgres"} {
		st, err := os.Stat(filepath.Join(dir, name))
		if err != nil || st.IsDir() || st.Mode()&0o111 == 0 {
			return false
		}
	}
	return true
}
