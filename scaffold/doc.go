// Package scaffold writes the files that an application gets from Leaven: the
// wiring of cmd/migrate, the embedding of the migrations' sources, the list of
// models, and new migrations.
//
// What lives here: the templates, their rendering (same input, same bytes,
// formatted), and reading which migrations a folder has. What does not: which
// command writes what and when it refuses (package cli).
package scaffold
