// Package record runs migrations on a connection that executes nothing, and tells
// what they would send: SQL, the typed operations, and the structure that these
// make (the fold). No database is needed.
//
// What lives here: the recording connection, [Run], the fold of a revision, what
// a migration risks ([Migration.Losses], [Migration.Locks]), and the script that
// does by psql or sqlite3 what a run does ([Script]). What does not: which
// migrations run (package migrate), the SQL of operations (the dialects), output
// (package cli).
//
// A migration that reads data may do anything with what it reads, so that
// nothing true can be said of it without the data. Such a migration is tainted:
// its reason is told, and its statements are not to be shown. The others stay
// right.
package record
