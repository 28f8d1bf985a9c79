package cli

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/leavendb/leaven/framework/migrate"
)

// progress shows a run as it happens, on standard error: on a terminal a line
// that changes, elsewhere a line for each migration, and one every ten seconds
// while one takes long.
type progress struct {
	mu    sync.Mutex
	o     output
	quiet bool // --json: the document says it all
	now   func() time.Time

	running migrate.Event // Started; empty ID: nothing is running
	began   time.Time
	detail  string // waiting for …, 30 of 100
	rate    rate   // of what the migration reports
	said    time.Time
	live    bool // the terminal's last line is ours to overwrite

	noted []string // notes that were shown
	width int      // of the longest ID, so that times stand in a column

	quit chan struct{}
	tick sync.WaitGroup
}

const sayEvery = 10 * time.Second

func newProgress(o output, quiet bool, now func() time.Time) *progress {
	p := &progress{o: o, quiet: quiet, now: now, quit: make(chan struct{})}
	if quiet {
		return p
	}
	every := sayEvery
	if o.terminal {
		every = 200 * time.Millisecond
	}
	p.tick.Go(func() {
		t := time.NewTicker(every)
		defer t.Stop()
		for {
			select {
			case <-p.quit:
				return
			case <-t.C:
				p.still()
			}
		}
	})
	return p
}

// end stops the clock and leaves the terminal at the beginning of a line.
func (p *progress) end() {
	close(p.quit)
	p.tick.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wipe()
}

// say shows a line of its own.
func (p *progress) say(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.print(text)
}

// see is migrate.Options.Observe.
func (p *progress) see(e migrate.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e.Kind {
	case migrate.Started:
		p.running, p.began, p.detail, p.said, p.rate = e, p.now(), "", p.now(), rate{}
		p.show()
	case migrate.Finished:
		p.idle()
		p.print(p.finished(e))
	case migrate.Other:
		p.idle()
		p.print(p.o.dim(fmt.Sprintf("  %s  %s by another runner", pastOf(e.Direction), e.ID)))
	case migrate.Failed:
		p.idle()
		p.print(p.o.red("  failed    ") + e.ID)
	case migrate.Retrying:
		p.print(p.o.yellow("  retrying  ") + e.ID + because(e))
	case migrate.Waiting:
		p.detail = "waiting: " + e.Message
		if p.running.ID == "" {
			p.running, p.began = e, p.now()
		}
		p.show()
	case migrate.Progress:
		p.detail = p.rate.tell(e.Done, e.Total, p.now())
		p.show()
	case migrate.Note:
		p.noted = append(p.noted, e.Message)
		p.print(p.o.dim("  note      ") + e.Message)
	}
}

// idle forgets what was running, and what it waited for.
func (p *progress) idle() { p.running, p.detail = migrate.Event{}, "" }

func (p *progress) finished(e migrate.Event) string {
	word := pastOf(e.Direction)
	return p.o.green(fmt.Sprintf("  %-8s", word)) + "  " + pad(e.ID, p.width) + p.o.dim("  "+took(e.Elapsed))
}

func because(e migrate.Event) string {
	switch {
	case e.Message != "":
		return ": " + e.Message
	case e.Err != nil:
		return ": " + oneLine(e.Err.Error())
	}
	return ""
}

// still tells that what runs is still running.
func (p *progress) still() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.show()
}

// show shows what is running: at once on a terminal, else every ten seconds.
func (p *progress) show() {
	if p.quiet || p.running.ID == "" && p.detail == "" {
		return
	}
	word, more := presentOf(p.running.Direction), p.detail
	if p.running.ID == "" { // it waits to begin
		word, more = strings.TrimSpace(more), ""
	}
	if elapsed := p.now().Sub(p.began); elapsed >= time.Second {
		more = strings.TrimSpace(more + "  " + took(elapsed))
	}
	if p.o.terminal {
		_, _ = fmt.Fprint(p.o.w, "\r\x1b[K"+p.o.fit("  "+word, p.running.ID, more))
		p.live = true
		return
	}
	text := joined("  "+word, p.running.ID, more)
	if p.now().Sub(p.said) >= sayEvery {
		p.said = p.now()
		p.o.line(text)
	}
}

func (p *progress) print(text string) {
	if p.quiet {
		return
	}
	p.wipe()
	p.o.line(strings.TrimRight(text, " "))
}

func (p *progress) wipe() {
	if p.live {
		_, _ = fmt.Fprint(p.o.w, "\r\x1b[K")
		p.live = false
	}
}

func pastOf(d migrate.Direction) string {
	if d == migrate.Down {
		return "reverted"
	}
	return "applied"
}

func presentOf(d migrate.Direction) string {
	if d == migrate.Down {
		return "reverting"
	}
	return "applying"
}
