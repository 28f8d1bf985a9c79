//go:build !race

package sqlite_test

// many is how many rows a large table has.
const many = 100_000
