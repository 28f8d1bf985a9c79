package pgtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// plan is what a keeper is told to run.
type plan struct {
	House   string        // the directory with the locks
	Run     string        // the fresh directory for this server's files
	Name    string        // the server's cluster_name, by which it is recognised
	Origin  origin        // where the server comes from
	Standby bool          // also run a hot standby of the server
	Private bool          // for one test: remove House too when done, and let a server end
	Durable bool          // what is committed is on disk, as by default
	Again   bool          // start a server again that ends, at the same address
	Pooler  string        // not a server, but PgBouncer before the one at this URL
	Grace   time.Duration // how long to outlive the last test process
}

// running is a keeper's answer.
type running struct {
	Name    string
	URL     string
	Standby string `json:",omitempty"`
	Error   string `json:",omitempty"`
}

// Members of this role must give their password; everybody else is trusted.
const passwordGroup = "pgtest_password"

func access(from string) string {
	return strings.Join([]string{
		"local all all trust",
		"host all +" + passwordGroup + " " + from + " scram-sha-256",
		"host all,replication all " + from + " trust",
		"",
	}, "\n")
}

// run starts what the plan asks for, in the order in which to stop it.
func (p plan) run(a *account) ([]*process, running, error) {
	if p.Pooler != "" {
		return p.pooler(a)
	}
	servers, r, err := p.servers(a)
	if err != nil {
		return nil, running{}, err
	}
	db := open(r.URL)
	defer db.Close()
	if _, err := db.Exec("CREATE ROLE " + passwordGroup); err != nil {
		stop(servers)
		return nil, running{}, err
	}
	return servers, r, nil
}

func (p plan) servers(a *account) ([]*process, running, error) {
	if err := a.own(p.Run); err != nil {
		return nil, running{}, err
	}
	if p.Origin.Image != "" {
		return p.container()
	}
	if err := p.initialise(a); err != nil {
		return nil, running{}, err
	}
	var extra []string
	if p.Private { // a test may end it, and what was committed must be there then
		extra = append(extra, "synchronous_commit=local")
	}
	if p.Durable {
		extra = append(extra, "fsync=on", "synchronous_commit=on", "full_page_writes=on")
	}
	first, err := p.server(a, "data", p.Name, extra...)
	if err != nil {
		return nil, running{}, err
	}
	r := running{Name: p.Name, URL: address(first.port)}
	if !p.Standby {
		return []*process{first}, r, nil
	}
	second, err := p.server(a, "standby", p.Name+"_standby",
		fmt.Sprintf("primary_conninfo=host=127.0.0.1 port=%d user=postgres sslmode=disable", first.port))
	if err != nil {
		stop([]*process{first})
		return nil, running{}, err
	}
	r.Standby = address(second.port)
	return []*process{second, first}, r, nil
}

func (p plan) path(name string) string { return filepath.Join(p.Run, name) }

// initialise makes the data directory. The standby's is a copy of it from before
// the first start, which needs no pg_basebackup: not every distribution of the
// server has that program.
func (p plan) initialise(a *account) error {
	initdb := tool(a, p.Origin.Bin, "initdb", "-D", p.path("data"), "-U", "postgres", "-A", "trust",
		"--no-sync", "--encoding=UTF8", "--locale=C")
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	if err := os.WriteFile(p.path("pg_hba.conf"), []byte(access("127.0.0.1/32")), 0o644); err != nil {
		return err
	}
	if err := a.own(p.path("pg_hba.conf")); err != nil {
		return err
	}
	if !p.Standby {
		return nil
	}
	for _, args := range [][]string{
		{"cp", "-R", "-p", p.path("data"), p.path("standby")},
		{"touch", p.path("standby/standby.signal")},
	} {
		c := exec.Command(args[0], args[1:]...)
		c.SysProcAttr, c.Dir = a.attributes(), "/"
		if out, err := c.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", args[0], err, out)
		}
	}
	return nil
}

func (p plan) server(a *account, data, name string, extra ...string) (*process, error) {
	sockets := p.Run
	if len(sockets) > 80 {
		sockets = "" // a socket's path has room for about 100 bytes
	}
	return launch(name, p.path(data+".log"), func(port int) *exec.Cmd {
		args := append([]string{"-D", p.path(data), "-k", sockets, "-h", "127.0.0.1", "-p", strconv.Itoa(port)},
			options(append(extra, "cluster_name="+name, "hba_file="+p.path("pg_hba.conf"))...)...)
		return tool(a, p.Origin.Bin, "postgres", args...)
	})
}

// container runs the server in Docker, published on this machine only. The
// client's address as the server sees it is the bridge's, hence "all".
func (p plan) container() ([]*process, running, error) {
	if p.Standby {
		return nil, running{}, errors.New("a standby is not made in Docker: install PostgreSQL or npm for this test")
	}
	hba := p.path("pg_hba.conf")
	if err := os.WriteFile(hba, []byte(access("all")), 0o644); err != nil {
		return nil, running{}, err
	}
	if err := os.Chmod(p.Run, 0o711); err != nil {
		return nil, running{}, err
	}
	s, err := launch(p.Name, p.path("docker.log"), func(port int) *exec.Cmd {
		args := append([]string{"run", "--rm", "--name", p.Name + "_" + strconv.Itoa(port),
			"-e", "POSTGRES_HOST_AUTH_METHOD=trust", "-v", hba + ":/pgtest_hba.conf:ro",
			"-p", fmt.Sprintf("127.0.0.1:%d:5432", port), p.Origin.Image},
			options("cluster_name="+p.Name, "hba_file=/pgtest_hba.conf")...)
		return exec.Command("docker", args...)
	})
	if err != nil {
		return nil, running{}, err
	}
	return []*process{s}, running{Name: p.Name, URL: address(s.port)}, nil
}
