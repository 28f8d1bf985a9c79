// Package sqlfile makes migrations of SQL files, beside those that are Go code and
// in one order with them.
//
// What lives here: which files are migrations ([Register]), how their text is cut
// into statements, and errors that name file and line. What does not: order,
// transactions and history (package migrate), reading other tools' histories
// (package adopt).
package sqlfile
