package cli

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/migrate"
)

// Off a terminal: a line for each migration, and one per ten seconds while one
// takes long.
func TestProgressOffATerminal(t *testing.T) {
	var b bytes.Buffer
	now := time.Unix(0, 0)
	p := &progress{o: output{w: &b}, now: func() time.Time { return now }, quit: make(chan struct{}), width: 8}
	step := func(after time.Duration, e migrate.Event) {
		now = now.Add(after)
		if e.Kind == "" {
			p.still()
			return
		}
		p.see(e)
	}
	step(0, migrate.Event{Kind: migrate.Started, ID: "1_a", Direction: migrate.Up})
	step(9*time.Second, migrate.Event{})
	step(time.Second, migrate.Event{})
	step(time.Second, migrate.Event{Kind: migrate.Progress, ID: "1_a", Done: 30, Total: 120})
	step(10*time.Second, migrate.Event{})
	step(0, migrate.Event{Kind: migrate.Retrying, ID: "1_a", Message: "deadlock"})
	step(0, migrate.Event{Kind: migrate.Retrying, ID: "1_a", Err: errors.New("lost\nit")})
	step(0, migrate.Event{Kind: migrate.Waiting, ID: "1_a", Message: "for another runner"})
	step(10*time.Second, migrate.Event{})
	step(0, migrate.Event{Kind: migrate.Finished, ID: "1_a", Direction: migrate.Up, Elapsed: 31 * time.Second})
	step(0, migrate.Event{Kind: migrate.Other, ID: "2_b", Direction: migrate.Down})
	step(20*time.Second, migrate.Event{})
	step(0, migrate.Event{Kind: migrate.Note, Message: "by the way"})
	step(0, migrate.Event{Kind: migrate.Failed, ID: "3_c"})
	p.say("stopping")
	p.end()
	want := `  applying  1_a  10 s
  applying  1_a  30 of 120 (25 %)  21 s
  retrying  1_a: deadlock
  retrying  1_a: lost it
  applying  1_a  waiting: for another runner  31 s
  applied   1_a       31 s
  reverted  2_b by another runner
  note      by the way
  failed    3_c
stopping
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}
