package faults

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is one run of the program.
type process struct {
	w      *world
	cmd    *exec.Cmd
	name   string
	points chan string
	orders *os.File
	out    transcript
	err    transcript
	begun  time.Time
	ended  chan struct{}
}

// transcript is what a program prints, to be read meanwhile.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (t *transcript) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(b)
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

// ended is how a run of the program ended.
type ended struct {
	code int // -1: by a signal
	out  string
	err  string
	took time.Duration
	done []string // the IDs that it says it has applied or reverted itself
}

// run runs the program with the behaviour of the world and nothing else.
func (w *world) run(args ...string) ended {
	w.Helper()
	return w.start(orders{}, args...).wait()
}

// start starts the program. The world's own orders are kept.
func (w *world) start(o orders, args ...string) *process {
	w.Helper()
	return w.startOn(w.url, o, args...)
}

// startOn starts it with another way to the database.
func (w *world) startOn(url string, o orders, args ...string) *process {
	w.Helper()
	o.Shape, o.Count, o.Idle, o.Pipes = or(o.Shape, w.orders.Shape), or(o.Count, w.orders.Count), or(o.Idle, w.orders.Idle), true
	text, err := json.Marshal(o)
	if err != nil {
		w.Fatal(err)
	}
	p := &process{w: w, cmd: exec.Command(program, args...), points: make(chan string, 4), ended: make(chan struct{})}
	p.name = strings.Join(args, " ") + " " + string(text)
	p.cmd.Dir = w.dir
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: w.as}
	p.cmd.Env = []string{"MISBEHAVE=" + string(text), "DATABASE_URL=" + url, connectTimeout, "PATH=" + os.Getenv("PATH"), "HOME=" + w.dir, "TMPDIR=" + os.TempDir(), "GORACE=halt_on_error=1 atexit_sleep_ms=0", "MIGRATE_YES=true"}
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.err
	said, write := pipe(w)
	read, tell := pipe(w)
	p.cmd.ExtraFiles, p.orders = []*os.File{write, read}, tell
	if err := p.cmd.Start(); err != nil {
		w.Fatal(err)
	}
	p.begun = time.Now()
	write.Close()
	read.Close()
	go func() {
		for in := bufio.NewScanner(said); in.Scan(); {
			p.points <- in.Text()
		}
		said.Close()
	}()
	go func() {
		_ = p.cmd.Wait() // its code says it
		close(p.ended)
	}()
	w.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.ended
		tell.Close()
	})
	return p
}

func or[T comparable](a, b T) T {
	var zero T
	if a == zero {
		return b
	}
	return a
}

func pipe(w *world) (r, to *os.File) {
	r, to, err := os.Pipe()
	if err != nil {
		w.Fatal(err)
	}
	return r, to
}

// await waits until it has stopped at its point.
func (p *process) await() *process {
	p.w.Helper()
	select {
	case <-p.points:
	case <-p.ended:
		p.w.Fatalf("%s ended with %d before its point:\n%s%s", p.name, p.cmd.ProcessState.ExitCode(), p.out.String(), p.err.String())
	case <-time.After(p.w.hangs):
		p.w.Fatalf("%s did not come to its point within %s", p.name, p.w.hangs)
	}
	return p
}

// goOn lets it leave the point.
func (p *process) goOn() {
	p.w.Helper()
	if _, err := fmt.Fprintln(p.orders); err != nil {
		p.w.Fatal(err)
	}
}

func (p *process) signal(s syscall.Signal) {
	p.w.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.w.Fatalf("%s: %v", p.name, err)
	}
}

// kill ends it as kill -9 does; that is the fault.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // or it has just ended
	<-p.ended
	p.w.strike()
	p.note()
}

// wait waits for its end.
func (p *process) wait() ended {
	p.w.Helper()
	select {
	case <-p.ended:
	case <-time.After(p.w.hangs):
		p.signal(syscall.SIGABRT) // Go shows where everybody is
		<-p.ended
		p.w.Errorf("%s did not end within %s", p.name, p.w.hangs)
	}
	e := ended{code: p.cmd.ProcessState.ExitCode(), out: p.out.String(), err: p.err.String(), took: time.Since(p.begun)}
	var document struct{ Done []string }
	if json.Unmarshal([]byte(e.out), &document) == nil {
		e.done = document.Done
	}
	p.note()
	return e
}

func (p *process) note() {
	p.w.note("$ %s\n%s%s(exit code %d)", p.name, p.out.String(), p.err.String(), p.cmd.ProcessState.ExitCode())
}

// isNot checks that none of the words is in what was printed.
func (e ended) isNot(w *world, words ...string) {
	w.Helper()
	for _, word := range words {
		if strings.Contains(e.out+e.err, word) {
			w.Errorf("%q is in\n%s%s", word, e.out, e.err)
		}
	}
}

// is checks the exit code, and that all of the words are in what was printed.
func (e ended) is(w *world, code int, words ...string) ended {
	w.Helper()
	if e.code != code {
		w.Errorf("exit code %d, want %d:\n%s%s", e.code, code, e.out, e.err)
	}
	for _, word := range words {
		if !strings.Contains(e.out+e.err, word) {
			w.Errorf("%q is not in\n%s%s", word, e.out, e.err)
		}
	}
	return e
}
