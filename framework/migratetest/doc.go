// Package migratetest tests an application's migrations, and gives its other tests
// databases that are migrated.
//
// What lives here: a fresh database per test, copied from one that was migrated
// once ([Set.Fresh]); every migration up, down and up again with data
// ([Set.Stairway], [Set.UpDownUp]); one migration by itself from the state before
// it ([Set.Before]). What does not: starting a database server, and what a good
// schema is. Only tests link it.
package migratetest
