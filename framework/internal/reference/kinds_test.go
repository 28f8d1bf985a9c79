package reference

import (
	"fmt"
	"io/fs"
	"slices"
	"testing"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/record"
	"github.com/leavendb/leaven/migrations"
)

// Every operation that there is does its work in the reference application, up
// or down, or in the migrations of the product that needs PostgreSQL. Both are
// run on databases by the tests beside this one; here they tell what they run.
func TestEveryOperationIsUsed(t *testing.T) {
	used := map[string]bool{}
	offline := must[*migrate.Offline](t)(migrate.NewOffline(migrate.Options{Sources: []fs.FS{migrations.Sources}}))
	var steps []record.Step
	for _, k := range offline.Known() {
		steps = append(steps, record.Step{Known: &k, Direction: migrate.Up})
	}
	for _, s := range slices.Backward(slices.Clone(steps)) {
		steps = append(steps, record.Step{Known: s.Known, Direction: migrate.Down})
	}
	for _, d := range dialect.All() {
		recorded, _, err := record.Run(t.Context(), d, record.State{}, steps, record.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range recorded {
			for _, e := range m.Events {
				used[fmt.Sprintf("%T", e.Op)] = true
			}
		}
	}
	app := len(used)
	for _, ops := range billing() {
		back, err := op.Reverse(ops...)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range append(ops, back...) {
			used[fmt.Sprintf("%T", o)] = true
		}
	}
	for _, o := range op.Kinds() {
		if !used[fmt.Sprintf("%T", o)] {
			t.Errorf("%T is used nowhere", o)
		}
	}
	t.Logf("%d operations, %d of them in the application", len(used), app)
}
