package pgtest

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is the user the server runs as: nil for the current one.
type account struct{ uid, gid uint32 }

// serverAccount looks for an ordinary account when we are root, because
// PostgreSQL refuses to run as root.
func serverAccount() (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uerr := strconv.ParseUint(u.Uid, 10, 32)
		gid, gerr := strconv.ParseUint(u.Gid, 10, 32)
		if uerr == nil && gerr == nil {
			return &account{uint32(uid), uint32(gid)}, nil
		}
	}
	return nil, errors.New("PostgreSQL does not run as root and there is no account named postgres or nobody to run it as: run the tests as an ordinary user, or create one of the two")
}

func (a *account) attributes() *syscall.SysProcAttr {
	if a == nil {
		return nil
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: a.uid, Gid: a.gid}}
}

// own hands path to the account.
func (a *account) own(path string) error {
	if a == nil {
		return nil
	}
	return os.Chown(path, int(a.uid), int(a.gid))
}

// reach says which directory on the way to path the account may not enter.
func (a *account) reach(path string) error {
	if a == nil {
		return nil
	}
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	for d := path; ; d = filepath.Dir(d) {
		st, err := os.Stat(d)
		if err != nil {
			return err
		}
		if st.IsDir() && !a.enters(st) {
			return fmt.Errorf("the server's account (uid %d) may not enter %s: chmod o+x it, or use another directory", a.uid, d)
		}
		if d == filepath.Dir(d) {
			return nil
		}
	}
}

func (a *account) enters(dir os.FileInfo) bool {
	st, ok := dir.Sys().(*syscall.Stat_t)
	if !ok {
		return true
	}
	mode := dir.Mode().Perm()
	switch {
	case st.Uid == a.uid:
		return mode&0o100 != 0
	case st.Gid == a.gid:
		return mode&0o010 != 0
	}
	return mode&0o001 != 0
}

// place makes the directory name below the first of parents that we may write
// to and the account may enter.
func (a *account) place(name string, parents ...string) (string, error) {
	var problems []error
	for _, p := range parents {
		dir := filepath.Join(p, name)
		err := ours(dir)
		if err == nil {
			err = a.reach(dir)
		}
		if err == nil {
			return dir, nil
		}
		_ = os.Remove(dir) // nothing happens when it was in use
		problems = append(problems, err)
	}
	return "", errors.Join(problems...)
}

// ours makes dir, or checks that nobody else made it: others may write to the
// directory for temporary files too.
func ours(dir string) error {
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return err
	}
	st, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	sys, ok := st.Sys().(*syscall.Stat_t)
	if !st.IsDir() || !ok || int(sys.Uid) != os.Getuid() {
		return fmt.Errorf("%s belongs to somebody else: remove it, or set TMPDIR to another directory", dir)
	}
	return os.Chmod(dir, 0o711) // whatever the umask took away
}
