package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/dialect/postgres"
	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/migrate"
)

const (
	racers       = 16
	racedSteps   = 20
	racerEnv     = "LEAVEN_BENCH_RACER" // the database, for the copy of this program that races
	afterWinner  = 50 * time.Millisecond
	racedReady   = "ready"
	racingRounds = 7
)

// finish is what a racer tells.
type finish struct {
	Ended time.Time // by the machine's one clock
	Last  bool      // it did the last step: the winner
	Did   int
	Error string
}

// race is a racer's whole program. It connects first, so that what is measured
// is the race and not the start of processes.
func race(url string) {
	ctx := context.Background()
	f := func() finish {
		db, err := postgres.Dialect{}.Open(ctx, url)
		if err != nil {
			return finish{Error: err.Error()}
		}
		defer db.Close()
		m, err := migrate.New(db, migrate.Options{Registry: registry(racedSteps)})
		if err == nil {
			err = db.PingContext(ctx)
		}
		if err != nil {
			return finish{Error: err.Error()}
		}
		fmt.Println(racedReady)
		_, _ = io.ReadFull(os.Stdin, make([]byte, 1))
		report, err := m.Up(ctx, migrate.Head)
		f := finish{Ended: time.Now()}
		for _, s := range report.Steps {
			if !s.Other {
				f.Did++
				f.Last = s.ID == id(racedSteps)
			}
		}
		if err != nil {
			f.Error = err.Error()
		}
		return f
	}()
	if err := json.NewEncoder(os.Stdout).Encode(f); err != nil {
		panic(err)
	}
}

// racer is a process that races.
type racer struct {
	*exec.Cmd
	start io.WriteCloser
	out   *bufio.Reader
}

func newRacer(tb testing.TB, url string) *racer {
	tb.Helper()
	r := &racer{Cmd: exec.CommandContext(tb.Context(), os.Args[0])}
	r.Env = append(os.Environ(), racerEnv+"="+url)
	r.Stderr = os.Stderr
	start, err := r.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := r.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	r.start, r.out = start, bufio.NewReader(out)
	if err := r.Start(); err != nil {
		tb.Fatal(err)
	}
	return r
}

// runRace returns for how long the last loser ran on after the winner.
func runRace(tb testing.TB) time.Duration {
	tb.Helper()
	_, url := pgtest.New(tb)
	var all [racers]*racer
	for i := range all {
		all[i] = newRacer(tb, url)
	}
	for _, r := range all {
		if line, err := r.out.ReadString('\n'); line != racedReady+"\n" {
			tb.Fatalf("a racer does not start: %s %v", line, err)
		}
	}
	for _, r := range all {
		_, _ = r.start.Write([]byte{'!'})
	}
	var won, last time.Time
	did := 0
	for _, r := range all {
		var f finish
		err := json.NewDecoder(r.out).Decode(&f)
		if werr := r.Wait(); err == nil {
			err = werr
		}
		if err != nil || f.Error != "" {
			tb.Fatalf("a racer failed: %v %s", err, f.Error)
		}
		did += f.Did
		if f.Last {
			won = f.Ended
		}
		if f.Ended.After(last) {
			last = f.Ended
		}
	}
	if did != racedSteps || won.IsZero() {
		tb.Fatalf("%d steps were done instead of %d", did, racedSteps)
	}
	return last.Sub(won)
}

func BenchmarkRace(b *testing.B) {
	t := turns(b, racingRounds, map[role]contender{ours: runRace})
	told(b, fmt.Sprintf("%d processes race, %d pending: last loser after the winner", racers, racedSteps), t,
		fmt.Sprintf("all exit 0, at most %s", shown(afterWinner)), met(t.median(ours) <= afterWinner))
}
