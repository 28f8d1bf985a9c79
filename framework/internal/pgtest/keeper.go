package pgtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// keeperEnv carries a plan to the copy of the test binary that keeps the server.
const keeperEnv = "PGTEST_KEEPER"

func init() {
	text := os.Getenv(keeperEnv)
	if text == "" {
		return
	}
	var p plan
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	p.keep(os.NewFile(3, "answer"))
	os.Exit(0)
}

// hire starts a keeper for p and waits for its answer; the channel is closed when
// the keeper has ended. The keeper has a session
// of its own, so that an interrupt at the terminal does not reach the server
// while other test binaries still use it.
func hire(p plan) (running, <-chan struct{}, error) {
	self, err := os.Executable()
	if err != nil {
		return running{}, nil, err
	}
	text, err := json.Marshal(p)
	if err != nil {
		return running{}, nil, err
	}
	answer, w, err := os.Pipe()
	if err != nil {
		return running{}, nil, err
	}
	defer answer.Close()
	c := exec.Command(self)
	c.Env = append(os.Environ(), keeperEnv+"="+string(text))
	c.ExtraFiles = []*os.File{w}
	c.SysProcAttr, c.Dir = &syscall.SysProcAttr{Setsid: true}, "/"
	err = c.Start()
	_ = w.Close() // or the end of a keeper that dies would not be noticed
	if err != nil {
		return running{}, nil, err
	}
	done := make(chan struct{})
	go func() {
		_ = c.Wait()
		close(done)
	}()
	var r running
	if err := json.NewDecoder(answer).Decode(&r); err != nil {
		return running{}, nil, fmt.Errorf("the server's keeper ended without an answer: %w", err)
	}
	if r.Error != "" {
		return running{}, nil, errors.New(r.Error)
	}
	return r, done, nil
}

// keep runs the servers until no test process uses them.
func (p plan) keep(answer *os.File) {
	servers, r, held, err := p.open()
	if err != nil {
		r.Error = err.Error()
	}
	// Nobody may be there to hear it any more; then the servers end at once.
	_ = json.NewEncoder(answer).Encode(r) //nolint:errchkjson // the same
	_ = answer.Close()
	if err == nil {
		held = append(held, p.wait(servers)...)
		stop(servers)
	}
	_ = os.RemoveAll(p.Run)
	if p.Private {
		_ = os.RemoveAll(p.House)
	}
	runtime.KeepAlive(held) // the locks go with the process
}

func (p plan) open() ([]*process, running, []*os.File, error) {
	alive, err := lock(p.house(keeperLock), exclusive)
	if err != nil {
		return nil, running{}, nil, err
	}
	a, err := serverAccount()
	if err != nil {
		return nil, running{}, nil, err
	}
	servers, r, err := p.run(a)
	return servers, r, []*os.File{alive}, err
}

// wait returns when a server has ended by itself, or when no test process is
// left; then the locks it returns keep new ones from coming in. The servers of one
// test may end, because the test wants it so.
func (p plan) wait(servers []*process) []*os.File {
	idle := make(chan []*os.File, 1)
	go func() { idle <- p.idle() }()
	for p.Private {
		var again <-chan struct{}
		if p.Again {
			again = servers[0].exited
		}
		select {
		case held := <-idle:
			return held
		case <-again:
			if err := servers[0].start(p.Name); err != nil {
				return nil
			}
		}
	}
	ended := make(chan struct{}, len(servers))
	for _, s := range servers {
		go func() {
			<-s.exited
			ended <- struct{}{}
		}()
	}
	select {
	case held := <-idle:
		return held
	case <-ended:
		return nil
	}
}

func (p plan) idle() []*os.File {
	for {
		last, err := lock(p.house(usersLock), exclusive)
		if err != nil {
			return nil // the directory is gone: nobody can come
		}
		_ = last.Close()
		time.Sleep(p.Grace) // the next package's test binary may still be linking
		start, err := lock(p.house(startLock), exclusive)
		if err != nil {
			return nil
		}
		users, err := lock(p.house(usersLock), exclusive|noWait)
		if err == nil {
			_ = os.Remove(p.house(stateFile))
			return []*os.File{start, users}
		}
		_ = start.Close()
	}
}

func (p plan) house(name string) string { return filepath.Join(p.House, name) }
