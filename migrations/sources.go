// Package migrations holds the history of the database's structure, one file for
// each migration. Its init functions register them.
package migrations

import "embed"

// Sources are the files of this folder, so that a migration which was edited
// after it was applied is found.
//
//go:embed *.go
var Sources embed.FS
