package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/uptrace/bun"
)

// poolSize is how many sessions of the server all clients of one database share.
const poolSize = 3

const poolerRemedies = `no PgBouncer for the tests. Do one of these:
  install it (Debian: apt-get install pgbouncer; Homebrew: brew install pgbouncer),
  set PGTEST_PGBOUNCER to the program, or
  run the tests on Debian or a descendant with its packages in reach: as root they
  install it by themselves, and else they unpack it into your cache`

// Pooler starts PgBouncer in transaction mode before the server of url, for this
// test alone, and answers with url through it; so are reached all the server's
// databases, in each with three sessions for all clients together. It is found on
// PATH or where packagers put it, or installed with apt-get when root, or fetched
// with it for this user alone; else the test fails and names the remedies.
func Pooler(t testing.TB, url string) string {
	t.Helper()
	r, err := private(t, plan{Pooler: url})
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return Through(t, url, r.URL)
}

// Through is the database of url, reached at the address of another URL.
func Through(t testing.TB, raw, at string) string {
	t.Helper()
	there, err := url.Parse(at)
	if err != nil {
		t.Fatal("pgtest: the test gave something that is not a URL")
	}
	return change(t, raw, func(u *url.URL) { u.Host = there.Host })
}

func findPooler(a *account) (origin, error) {
	if file := os.Getenv("PGTEST_PGBOUNCER"); file != "" {
		if !filepath.IsAbs(file) {
			return origin{}, fmt.Errorf("PGTEST_PGBOUNCER is %q: make it an absolute path", file)
		}
		return origin{Bin: file}, nil
	}
	if file, ok := installedPooler(); ok {
		return origin{Bin: file}, nil
	}
	err := apt("pgbouncer")
	if file, ok := installedPooler(); ok {
		return origin{Bin: file}, nil
	}
	home, unpackErr := debian("pgbouncer", a)
	if unpackErr == nil {
		return origin{Bin: filepath.Join(home, "usr/sbin/pgbouncer"), Libraries: libraries(home)}, nil
	}
	return origin{}, fmt.Errorf("%s\nWhat was tried: %w", poolerRemedies, errors.Join(err, unpackErr))
}

func installedPooler() (string, bool) {
	for _, name := range []string{"pgbouncer", "/usr/sbin/pgbouncer", "/usr/local/sbin/pgbouncer", "/opt/homebrew/bin/pgbouncer"} {
		if file, err := exec.LookPath(name); err == nil {
			return file, true
		}
	}
	return "", false
}

// pooler runs PgBouncer. It is ready when the server's name is heard through it.
func (p plan) pooler(a *account) ([]*process, running, error) {
	if err := a.own(p.Run); err != nil {
		return nil, running{}, err
	}
	target, err := url.Parse(p.Pooler)
	if err != nil {
		return nil, running{}, errors.New("the server's URL is not understood")
	}
	db := open(p.Pooler)
	defer db.Close()
	name, err := clusterName(context.Background(), db)
	if err != nil {
		return nil, running{}, err
	}
	s, err := launch(name, p.path("pgbouncer.log"), func(port int) *exec.Cmd {
		// A file that cannot be written shows when the program does not start.
		_ = os.WriteFile(p.path("pgbouncer.ini"), []byte(poolerSettings(target, port)), 0o644)
		c := exec.Command(p.Origin.Bin, p.path("pgbouncer.ini"))
		c.SysProcAttr, c.Dir = a.attributes(), "/"
		if p.Origin.Libraries != "" {
			c.Env = append(os.Environ(), "LD_LIBRARY_PATH="+p.Origin.Libraries)
		}
		return c
	})
	if err != nil {
		return nil, running{}, err
	}
	at := *target
	at.Host = "127.0.0.1:" + strconv.Itoa(s.port)
	return []*process{s}, running{Name: name, URL: at.String()}, nil
}

func clusterName(ctx context.Context, db *bun.DB) (name string, err error) {
	err = db.QueryRowContext(ctx, "SHOW cluster_name").Scan(&name)
	return name, err
}

func poolerSettings(target *url.URL, port int) string {
	user, password := target.User.Username(), ""
	if word, ok := target.User.Password(); ok {
		password = " password='" + strings.ReplaceAll(word, "'", "''") + "'"
	}
	host, serverPort := target.Hostname(), target.Port()
	if serverPort == "" {
		serverPort = "5432"
	}
	return strings.Join([]string{
		"[databases]",
		"* = host=" + host + " port=" + serverPort + " user='" + user + "'" + password,
		"[pgbouncer]",
		"listen_addr = 127.0.0.1", "listen_port = " + strconv.Itoa(port), "unix_socket_dir =",
		"auth_type = any", "pool_mode = transaction", "default_pool_size = " + strconv.Itoa(poolSize), "max_client_conn = 500",
		"server_idle_timeout = 5", "autodb_idle_timeout = 5", "",
	}, "\n")
}
