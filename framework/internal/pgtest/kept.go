package pgtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// kept answers with a directory of the user's cache, which get makes where it is not
// whole: get returns a directory below tmp, which then gets the name. tool is what
// it fetches with, for the message where nothing may be.
func kept(a *account, name, tool string, whole func(home string) bool, get func(tmp string) (string, error)) (string, error) {
	root, err := cache(a)
	if err != nil {
		return "", err
	}
	held, err := lock(filepath.Join(root, "lock"), exclusive)
	if err != nil {
		return "", err
	}
	defer held.Close()
	home := filepath.Join(root, name)
	if whole(home) {
		return home, nil
	}
	if os.Getenv("PGTEST_NO_INSTALL") != "" {
		return "", fmt.Errorf("%s: PGTEST_NO_INSTALL is set", tool)
	}
	tmp, err := os.MkdirTemp(root, "unpack-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(tmp)
	made, err := get(tmp)
	if err != nil {
		return "", err
	}
	if err := os.RemoveAll(home); err != nil {
		return "", err
	}
	return home, os.Rename(made, home)
}

// cache is where downloads stay. Root's own cache is closed to the account that
// the server runs as, so there are second choices.
func cache(a *account) (string, error) {
	var parents []string
	if dir, err := os.UserCacheDir(); err == nil {
		parents = append(parents, dir)
	}
	return a.place("leaven-pgtest-"+strconv.Itoa(os.Getuid()), append(parents, "/var/cache", "/var/tmp", os.TempDir())...)
}
