package main

import (
	"encoding/json"
	"time"
)

// orders are what the program is told. Shape, Count and Idle describe the
// migrations and are the same for all processes of one database; the rest is this
// process's own.
type orders struct {
	Shape string        // what the third migration is, and what follows the fifth; empty: nothing special
	Count int           // how many migrations there are beside the first; 0: five
	Idle  time.Duration // how long their transactions may idle; 0: the runner's default
	Deed  string        // what the third one does beside its effect; empty: nothing
	Pause string        // the point at which to stop until told to go on
	Pipes bool          // the tester listens at descriptor 3 and speaks at 4
	Pool  int           // open the database as an application does, with so many connections at most; 0: it does not

	Strike string // a fault at one of the calls of the database: "kill", or "write": a write to a file fails; empty: none
	At     int64  // which call, from 1
}

func ordered(text string) (orders, error) {
	o := orders{Count: 5}
	if text == "" {
		return o, nil
	}
	err := json.Unmarshal([]byte(text), &o)
	if o.Count == 0 {
		o.Count = 5
	}
	return o, err
}
