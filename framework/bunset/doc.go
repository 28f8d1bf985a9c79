// Package bunset runs an existing set of bun's own migrations, Go and SQL, through
// Leaven's runner, unchanged: with its lock, its plan and its honest history.
//
// What lives here: making our migrations of bun's ([Register]), and the database
// that they are given, which is the runner's own connection. What does not:
// taking over what bun has applied already (package adopt), SQL files without bun
// (package sqlfile). An app that has no such set does not link this package.
package bunset
