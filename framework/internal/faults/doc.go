// Package faults is the proof of the promise "nothing lost, nothing twice": it
// starts, kills, stops, cuts off and races a compiled program, with a real
// PostgreSQL, behind a real PgBouncer, on a standby and on SQLite, and checks the
// same invariants after each fault.
//
// It is a table of rows. A row is one fault; it plays in a world of its own, which
// is a fresh database, with the program in misbehave and with SQL, and with nothing
// else: no function of the framework is called. What must hold after every row
// stands in one place, invariants_test.go.
//
// "make test" plays each row once. "make faults" plays those in which something is
// random with 25 seeds and prints the table of rows: violations and the worst
// recovery. "make faults-long" waits as long as people would. A violation says how
// to play it again.
//
// What does not live here: tests of the runner's parts, which are beside it in
// package migrate.
package faults
