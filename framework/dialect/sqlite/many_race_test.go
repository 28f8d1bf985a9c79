//go:build race

package sqlite_test

// many is how many rows a large table has. SQLite is Go code here, which the race
// detector slows down a hundredfold.
const many = 4_000
