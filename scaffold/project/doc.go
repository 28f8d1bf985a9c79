// Package project writes a whole small application, and what an existing one
// needs to use Leaven: wiring, settings, container and cluster files.
//
// What lives here: their templates, what go.mod needs, what there is already in
// a module, and the comparison of files with a folder. What does not: the wiring
// itself and migrations (package scaffold, which migration programs link too);
// flags, questions and output (cmd/leaven).
package project
