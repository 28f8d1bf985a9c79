// Package bench measures the runner, each work beside a floor in the same run.
//
// A floor is what somebody would write by hand with database/sql on the same
// driver: no lock, no fences, no plan. Ours and the floor take turns, so that a
// machine that slows down does so for both; a ratio is the median of the rounds'
// ratios. Other tools run beside them: bun's own migrator, and in a process of their
// own, which tells how long the work took, goose and sql-migrate.
// Statements and round trips are not measured but counted, between client and
// server, and TestRoundTrips holds them.
//
// "make bench" prints one table at the end. What lives here are tests only; what
// is measured lives in package migrate and below.
package bench
