// Package pgtest gives each test a fresh database on a real PostgreSQL server,
// on any Unix machine, root or not, without a step by hand.
//
// The server is, in this order: the one TEST_DATABASE_URL names; one started
// from the binaries in PGTEST_BIN, of the major version PGTEST_VERSION (14 to
// 18, fetched with npm), on PATH, or in the places packagers use; one installed
// with apt-get when root, with npm otherwise; a Docker container. When none can
// be had the test fails and names the remedies. It is never skipped: a green run
// without PostgreSQL would claim something nobody looked at.
//
// All test binaries of a user share one server. A keeper, which is the test
// binary run again, is the parent of the server: it stops it and removes its
// files a few seconds after the last test process has ended, however that ended.
// The server trusts whoever connects from this machine, except the roles that
// [PasswordRole] makes, and keeps nothing safe on disk: it is for tests only.
//
// Nothing here knows about migrations; what a test does with its database is
// its own affair.
package pgtest
