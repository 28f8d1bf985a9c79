package migratetest

import (
	"cmp"
	"testing"

	"github.com/leavendb/leaven/framework/autogen"
	"github.com/leavendb/leaven/framework/history"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/record"
)

// NoDrift fails the test where the migrations make something else than Models say,
// with a line for each thing that would have to be done, and for each that neither
// knows.
func (s *Set) NoDrift(t testing.TB) {
	t.Helper()
	db := s.Fresh(t)
	d := s.dialect(t, db)
	offline, err := migrate.NewOffline(s.Options)
	if err != nil {
		t.Fatal("migratetest: ", err)
	}
	fold, err := record.Fold(t.Context(), d, offline.Known(), "", record.Options{Context: s.Options.Context})
	if err != nil {
		t.Fatal("migratetest: ", err)
	}
	found, err := autogen.Compare(t.Context(), autogen.Request{Dialect: d, DB: db, Own: s.own(), Models: s.Models, Model: s.ModelOptions, Fold: fold})
	if err != nil {
		t.Fatal("migratetest: ", err)
	}
	for _, change := range found.Changes {
		t.Errorf("the models want what the migrations do not make: %s", change.Title)
	}
	for _, sentence := range found.Unexpressed {
		t.Errorf("the models and the migrations differ: %s", sentence)
	}
	for _, stranger := range found.Strangers {
		t.Errorf("neither the models nor operations of the migrations know: %s", stranger)
	}
}

// own are the tables of the history.
func (s *Set) own() []op.Object {
	table := cmp.Or(s.Options.HistoryTable, history.DefaultTable)
	return []op.Object{{Kind: "table", Table: table}, {Kind: "table", Table: table + "_log"}}
}
