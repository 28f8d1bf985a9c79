package pgtest

import (
	"errors"
	"os"
	"syscall"
)

const (
	exclusive = syscall.LOCK_EX
	shared    = syscall.LOCK_SH
	noWait    = syscall.LOCK_NB
)

// lock takes a file lock, which the kernel lets go of when the file is closed or
// the process dies. The caller must keep the file reachable: a forgotten
// *os.File is closed by the collector.
func lock(path string, how int) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// locked says whether another process holds path exclusively.
func locked(path string) bool {
	f, err := lock(path, shared|noWait)
	if err != nil {
		return true
	}
	_ = f.Close()
	return false
}
