//go:build race

package diff_test

// everyNth: under the race detector a few of the scenarios are enough; the
// package starts no goroutines.
const everyNth = 8
