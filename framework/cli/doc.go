// Package cli is Leaven's command line: the cobra commands, one file each, and
// everything around them that a library must not do. It alone reads the
// environment, writes to the terminal, asks questions, listens to signals and
// decides exit codes.
//
// [Main] is the whole of an application's cmd/migrate; [New] returns the same
// commands to be mounted into an application's own ("shop db up").
//
// What lives here: verbs, flags, output (tables, plain lines, JSON), the
// four-part error, exit codes. What does not: settings and where they come from
// (package settings below this one), what a migration run is (package migrate),
// files that are written (package scaffold).
package cli
