// Package adopt reads what other migration tools have recorded in a database and
// says which of our migrations that makes applied.
//
// What lives here: the tools with their tables ([Tools], [Foreign]), finding and
// reading a history of theirs ([Find]), and the pure plan of what is to be
// recorded ([NewPlan]). What does not: recording it (migrate.Migrator.StampOnly),
// questions and output (package cli), running another tool's migrations (package
// bunset). The other tool's tables are only read, with plain SELECTs.
package adopt
