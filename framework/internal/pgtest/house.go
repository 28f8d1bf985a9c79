package pgtest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// A house is a directory that test processes and a keeper meet in:
//
//	start.lock   held while a server is being started or stopped
//	users.lock   held, shared, by every process that uses the server
//	keeper.lock  held by the keeper as long as it lives
//	server.json  the running server, trusted only while keeper.lock is held
//	run-…        the server's files
const (
	startLock  = "start.lock"
	usersLock  = "users.lock"
	keeperLock = "keeper.lock"
	stateFile  = "server.json"
)

// grace is how long a shared server waits for the next test binary.
const grace = 10 * time.Second

// held are the locks that this process keeps until it ends.
var held []*os.File

// admin is the URL of the shared server's maintenance database.
var admin = sync.OnceValues(func() (string, error) {
	if u := os.Getenv("TEST_DATABASE_URL"); u != "" {
		return u, spoken(u)
	}
	a, err := serverAccount()
	if err != nil {
		// Without an account there may still be a package whose installation makes one.
		_ = apt("postgresql")
		if a, err = serverAccount(); err != nil {
			return "", err
		}
	}
	dir, err := a.place("pgtest-"+strconv.Itoa(os.Getuid())+variant(), os.TempDir(), "/tmp", "/var/tmp")
	if err != nil {
		return "", err
	}
	r, err := enter(dir, a)
	return r.URL, err
})

// spoken says whether raw is a URL, without repeating it: it may hold a password,
// and pgdriver would panic with all of it.
func spoken(raw string) error {
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") || u.Host == "" {
		return errors.New("TEST_DATABASE_URL is not understood: write it as postgres://user@host:port/database?sslmode=disable")
	}
	return nil
}

// variant tells the servers of different binaries apart.
func variant() string {
	bin, version := os.Getenv("PGTEST_BIN"), os.Getenv("PGTEST_VERSION")
	if bin == "" && version == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(bin + "\x00" + version))
	return "-" + hex.EncodeToString(sum[:6])
}

// enter joins the server that runs in dir, or starts one.
func enter(dir string, a *account) (running, error) {
	start, err := lock(filepath.Join(dir, startLock), exclusive)
	if err != nil {
		return running{}, err
	}
	defer start.Close()
	use, err := lock(filepath.Join(dir, usersLock), shared)
	if err != nil {
		return running{}, err
	}
	held = append(held, use)
	if r, ok := current(dir); ok {
		return r, nil
	}
	o, err := find(a)
	if err != nil {
		return running{}, err
	}
	// A server whose keeper was killed ends by itself within a minute or so of
	// finding its files gone.
	stale, _ := filepath.Glob(filepath.Join(dir, "run-*"))
	for _, s := range stale {
		_ = os.RemoveAll(s)
	}
	p, err := newPlan(dir, o)
	if err != nil {
		return running{}, err
	}
	p.Grace = grace
	r, _, err := hire(p)
	if err != nil {
		return running{}, err
	}
	text, err := json.Marshal(r)
	if err != nil {
		return running{}, err
	}
	return r, os.WriteFile(filepath.Join(dir, stateFile), text, 0o600)
}

func current(dir string) (r running, ok bool) {
	if !locked(filepath.Join(dir, keeperLock)) {
		return running{}, false
	}
	text, err := os.ReadFile(filepath.Join(dir, stateFile))
	if err != nil || json.Unmarshal(text, &r) != nil {
		return running{}, false
	}
	return r, answers(r.URL, r.Name)
}

// newPlan uses a fresh directory each time: where nothing reaps the dead, an
// earlier server's process id and socket may still seem to be in use.
func newPlan(house string, o origin) (plan, error) {
	run, err := os.MkdirTemp(house, "run-")
	return plan{House: house, Run: run, Name: "pgtest_" + token(), Origin: o}, err
}

// token is a name nobody else has.
func token() string {
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
