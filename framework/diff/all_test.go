//go:build !race

package diff_test

// everyNth: all scenarios are made on PostgreSQL.
const everyNth = 1
