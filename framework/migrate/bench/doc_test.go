// Package bench measures the runner, each work beside a floor in the same run.
//
// A floor is what somebody would write by hand with database/sql on the same
// driver: no lock, no fences, no plan. Ours, the floor and the others take turns, in
// another order in each round, so that a machine that slows down does so for all; a
// ratio is the median of the rounds' ratios. The others are bun's own migrator, and in
// a process of their own, which tells how long the work took, goose and sql-migrate: of
// them we are not slower unless the rounds leave no doubt.
//
// A migration makes a view. The four files of a table with a key take from 0.8 to 4 ms,
// as the disk happens to be busy, and what tools differ by is lost in that.
//
// Statements and round trips are not measured but counted, between client and
// server, and TestRoundTrips holds them.
//
// "make bench" prints one table at the end. What lives here are tests only; what
// is measured lives in package migrate and below.
package bench
