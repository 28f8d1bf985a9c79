package cli

import (
	"sync"
	"time"

	"github.com/leavendb/leaven/framework/migrate"
)

// eventLine is one line of --events. Its last line has the event result and the
// fields of the command's document.
type eventLine struct {
	Format    string `json:"format"`
	Event     string `json:"event"`
	At        string `json:"at"`
	ID        string `json:"id,omitempty"`
	Direction string `json:"direction,omitempty"`
	Attempt   int    `json:"attempt,omitempty"`
	ElapsedMS *int64 `json:"elapsed_ms,omitempty"`
	Done      *int64 `json:"done,omitempty"`  // of a migration's own work
	Total     int64  `json:"total,omitempty"` // of it; left out: not known
	Message   string `json:"message,omitempty"`
}

// eventResult is the event of the last line.
const eventResult = "result"

// wantsEvents reports whether --events was asked for, of a command that has it;
// see wantsJSON.
func (c *call) wantsEvents() bool {
	f := c.cmd.Flags().Lookup("events")
	return f != nil && (f.Value.String() == "true" || asks(c.words, "--events"))
}

// eventStream writes the events of a run as they come, from any goroutine.
func (c *call) eventStream() func(migrate.Event) {
	var mu sync.Mutex
	return func(e migrate.Event) {
		line := c.eventLine(e)
		mu.Lock()
		defer mu.Unlock()
		if text, err := encode(line); err == nil {
			c.out.line(string(text))
		}
	}
}

func (c *call) eventLine(e migrate.Event) eventLine {
	l := eventLine{
		Format: format, Event: string(e.Kind), At: c.now().UTC().Format(time.RFC3339Nano),
		ID: e.ID, Attempt: e.Attempt, Message: c.scrub(e.Message),
	}
	if e.ID != "" {
		l.Direction = e.Direction.String()
	}
	if e.Err != nil && l.Message == "" {
		l.Message = c.scrub(oneLine(e.Err.Error()))
	}
	switch e.Kind {
	case migrate.Finished, migrate.Failed, migrate.Waiting:
		ms := e.Elapsed.Milliseconds()
		l.ElapsedMS = &ms
	case migrate.Progress:
		l.Done, l.Total = &e.Done, e.Total
	}
	return l
}
