package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is one running server. It is our child, so its end is noticed and no
// process id is ever guessed from a file.
type process struct {
	port    int
	command func(port int) *exec.Cmd
	cmd     *exec.Cmd
	log     string
	exited  chan struct{}
}

// settings trade safety for speed; the WAL settings allow a standby, replication
// slots and prepared transactions.
var settings = []string{
	"fsync=off", "synchronous_commit=off", "full_page_writes=off",
	"max_connections=300", "shared_buffers=64MB", "max_wal_size=4GB",
	"wal_level=logical", "max_wal_senders=10", "max_replication_slots=10", "wal_keep_size=128MB",
	"max_prepared_transactions=20", "timezone=UTC",
}

func options(extra ...string) []string {
	var args []string
	for _, s := range append(settings[:len(settings):len(settings)], extra...) {
		args = append(args, "-c", s)
	}
	return args
}

// launch starts a server called name with command on a free port. Between
// finding a port and binding it another process may take it: then the server
// ends at once and the next port is tried.
func launch(name, log string, command func(port int) *exec.Cmd) (*process, error) {
	var err error
	for range 5 {
		var port int
		if port, err = freePort(); err != nil {
			return nil, err
		}
		p := &process{port: port, command: command, log: log}
		if err = p.start(name); err == nil {
			return p, nil
		}
		if !portTaken(err) {
			break
		}
	}
	return nil, err
}

func freePort() (int, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}

func portTaken(err error) bool {
	for _, s := range []string{"already in use", "could not bind", "already allocated"} {
		if strings.Contains(err.Error(), s) {
			return true
		}
	}
	return false
}

func (p *process) start(name string) error {
	log, err := os.Create(p.log)
	if err != nil {
		return err
	}
	defer log.Close()
	p.cmd, p.exited = p.command(p.port), make(chan struct{})
	p.cmd.Stdout, p.cmd.Stderr = log, log
	if err := p.cmd.Start(); err != nil {
		return err
	}
	go func(cmd *exec.Cmd, exited chan struct{}) {
		_ = cmd.Wait()
		close(exited)
	}(p.cmd, p.exited)
	if err := p.ready(name, 2*time.Minute); err != nil {
		p.stop()
		text, _ := os.ReadFile(p.log)
		return fmt.Errorf("%w\n%s", err, text)
	}
	return nil
}

func (p *process) ready(name string, patience time.Duration) error {
	deadline := time.After(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !answers(address(p.port), name) {
		select {
		case <-p.exited:
			return errors.New("the server ended while starting")
		case <-deadline:
			return fmt.Errorf("the server did not answer within %s", patience)
		case <-tick.C:
		}
	}
	return nil
}

// stop ends the server without a checkpoint: its files are thrown away.
func (p *process) stop() {
	if p.cmd.Process == nil {
		return
	}
	_ = p.cmd.Process.Signal(syscall.SIGQUIT)
	select {
	case <-p.exited:
	case <-time.After(20 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.exited
	}
}

func stop(servers []*process) {
	for _, s := range servers {
		s.stop()
	}
}

func address(port int) string {
	return "postgres://postgres@" + net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) + "/postgres?sslmode=disable"
}

// answers says whether the server called name listens at url. Another server
// may have been given the port of one that is gone.
func answers(url, name string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	db := open(url)
	defer db.Close()
	got, err := clusterName(ctx, db)
	return err == nil && got == name
}

// environment is ours without the variables by which libpq and the server's
// tools would be led elsewhere, and with messages in English.
func environment() []string {
	env := []string{"LC_ALL=C", "TZ=UTC"}
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "PG") && !strings.HasPrefix(kv, "LC_") && !strings.HasPrefix(kv, "TZ=") {
			env = append(env, kv)
		}
	}
	return env
}

// tool is a program of the server's distribution, run as its account.
func tool(a *account, bin, name string, args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(bin, name), args...)
	c.SysProcAttr, c.Dir, c.Env = a.attributes(), "/", environment()
	return c
}
