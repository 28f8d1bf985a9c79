//go:build !race

package faults

// buildFlags build the program as the tests are built.
var buildFlags = []string{"build"}
