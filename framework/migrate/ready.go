package migrate

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// Readiness tells others how far Bootstrap is: over HTTP, to the readiness probe
// of a cluster, and to the program itself. The zero value is ready to use, and
// answers that it is not ready before Bootstrap has begun. It is safe for
// concurrent use.
type Readiness struct {
	mu     sync.Mutex
	state  readyState
	mode   Mode
	ended  bool
	place  map[string]int // of each migration in the program's order, from 1
	began  time.Time
	begun  time.Time // of the running migration
	detail progressDetail
}

// readyState is a word of the answer.
type readyState string

const (
	readyStarting  readyState = "starting"
	readyMigrating readyState = "migrating"
	readyWaiting   readyState = "waiting"
	readyDone      readyState = "ready"
	readyFailed    readyState = "failed"
)

// progressDetail is where a run is.
type progressDetail struct {
	Migration  string `json:"migration,omitempty"`
	Number     int    `json:"number,omitempty"`
	Applied    int    `json:"applied"`
	Done       int64  `json:"done,omitempty"`
	Total      int64  `json:"total,omitempty"`
	RunningFor int64  `json:"running_ms,omitempty"`
}

// Ready reports whether Bootstrap has ended well.
func (r *Readiness) Ready() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state == readyDone
}

// ServeHTTP answers with 503 until the database is ready, and with 200 then. The
// body is JSON with these fields, of which those without a meaning are left out:
//
//	ready       true or false
//	state       starting, migrating, waiting (for others, or for a lock), ready, failed
//	mode        what the program does: apply, wait, require
//	migrations  how many the program has
//	migration   the one that is running, as its ID; number is its place among them
//	running_ms  for how long
//	done total  what it reports of its own work (see Progress)
//	applied     how many this start has applied
//	elapsed_ms  since Bootstrap began
//
// It tells no error: that may hold what is not for everybody.
func (r *Readiness) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	body, ok := r.answer(time.Now())
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if !ok {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_, _ = w.Write(append(body, '\n')) // who asked has gone
}

func (r *Readiness) answer(now time.Time) (body []byte, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a := struct {
		Ready      bool       `json:"ready"`
		State      readyState `json:"state"`
		Mode       Mode       `json:"mode,omitempty"`
		Migrations int        `json:"migrations,omitempty"`
		progressDetail
		Elapsed int64 `json:"elapsed_ms,omitempty"`
	}{
		Ready: r.state == readyDone, State: r.state, Mode: r.mode, Migrations: len(r.place), progressDetail: r.detail,
	}
	if a.State == "" {
		a.State = readyStarting
	}
	if !r.began.IsZero() && !r.ended {
		a.Elapsed = now.Sub(r.began).Milliseconds()
	}
	if a.Migration != "" {
		a.RunningFor = now.Sub(r.begun).Milliseconds()
	}
	body, err := json.Marshal(a)
	return body, a.Ready && err == nil
}

// begin is told the mode and the program's migrations.
func (r *Readiness) begin(mode Mode, known []Migration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state, r.mode, r.began, r.ended, r.detail = readyStarting, mode, time.Now(), false, progressDetail{}
	r.place = make(map[string]int, len(known))
	for i := range known {
		r.place[known[i].ID] = i + 1
	}
}

// see is told what happens.
func (r *Readiness) see(e Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch e.Kind {
	case Started:
		r.state, r.begun = readyMigrating, time.Now()
		r.detail = progressDetail{Migration: e.ID, Number: r.place[e.ID], Applied: r.detail.Applied}
	case Progress:
		r.detail.Done, r.detail.Total = e.Done, e.Total
	case Waiting:
		r.state = readyWaiting
	case Finished:
		r.detail = progressDetail{Applied: r.detail.Applied + 1}
	case Failed, Retrying:
		r.detail = progressDetail{Applied: r.detail.Applied}
	}
}

// end is told how Bootstrap ended.
func (r *Readiness) end(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended, r.state = true, readyDone
	r.detail = progressDetail{Applied: r.detail.Applied}
	if err != nil {
		r.state = readyFailed
	}
}
