package adopt_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leavendb/leaven/framework/adopt"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/sqlfile"
)

// Switch first, rewrite never: the real tool has applied some of its files, its
// history is adopted, and the same files go on here, up and down.
func TestSwitch(t *testing.T) {
	for _, c := range []struct {
		tool         string
		first, later map[string]string
	}{
		{"goose", map[string]string{
			"1_users.sql":  "-- +goose Up\nCREATE TABLE users (id bigint);\n-- +goose Down\nDROP TABLE users;",
			"9_orders.sql": "-- +goose Up\nCREATE TABLE orders (id bigint);\n-- +goose Down\nDROP TABLE orders;",
		}, map[string]string{
			"10_invoices.sql": "-- +goose Up\n-- +goose StatementBegin\nCREATE TABLE invoices (id bigint);\n-- +goose StatementEnd\n-- +goose Down\nDROP TABLE invoices;",
		}},
		{"golang-migrate", map[string]string{
			"1_users.up.sql": "CREATE TABLE users (id bigint);", "1_users.down.sql": "DROP TABLE users;",
			"9_orders.up.sql": "CREATE TABLE orders (id bigint);", "9_orders.down.sql": "DROP TABLE orders;",
		}, map[string]string{
			"10_invoices.up.sql": "CREATE TABLE invoices (id bigint);", "10_invoices.down.sql": "DROP TABLE invoices;",
		}},
	} {
		t.Run(c.tool, func(t *testing.T) {
			both(t, func(w world) {
				dir := write(w.T, c.first)
				w.run(c.tool, dir, "up", true)
				for name, text := range c.later {
					if err := os.WriteFile(dir+"/"+name, []byte(text), 0o600); err != nil {
						w.Fatal(err)
					}
				}
				r := migrate.NewRegistry()
				sqlfile.Register(r, os.DirFS(dir))
				m, err := migrate.New(w.db, migrate.Options{Registry: r})
				if err != nil {
					w.Fatal(err)
				}
				var ids []string
				for _, known := range r.Migrations() {
					ids = append(ids, known.ID)
				}
				plan := adopt.NewPlan(ids, nil, w.find(adopt.Query{IDs: ids}), nil)
				if diff := cmp.Diff([]string{"0001_users", "0009_orders"}, plan.Mark); diff != "" || len(plan.Refusals()) > 0 {
					w.Fatalf("%v (-want +got):\n%s", plan.Refusals(), diff)
				}
				if _, err := m.StampOnly(w.Context(), plan.Mark, migrate.StampOptions{}); err != nil {
					w.Fatal(err)
				}
				report, err := m.Up(w.Context(), migrate.Head)
				if err != nil || !cmp.Equal(report.IDs(), []string{"0010_invoices"}) {
					w.Errorf("up: %v, %v", report.IDs(), err)
				}
				if _, err := m.Down(w.Context(), migrate.Base); err != nil {
					w.Errorf("down: %v", err)
				}
				w.exec("CREATE TABLE users (id bigint)", "CREATE TABLE orders (id bigint)", "CREATE TABLE invoices (id bigint)") // all gone
			})
		})
	}
}
