package reference

import (
	"database/sql"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/uptrace/bun"
)

// rows are what people have entered by the time that a migration was followed by
// the next one.
var rows = map[string][]string{
	"images": {
		"INSERT INTO images (owner_type, owner_id, path, file_name, byte_size, public) VALUES ('user', 1, 'a.jpg', 'it''s me.jpg', 3, true), ('user', 2, 'b.jpg', 'b.jpg', 4, false)",
	},
	"companies_and_users": {
		"INSERT INTO companies (name, slug, parent_id) VALUES ('Acme', 'acme', NULL), ('Acme East', 'east', 1)",
		"INSERT INTO users (company_id, email, first_name, last_name, role) VALUES (1, 'ann@acme.example', 'Ann', 'Lee', 'owner'), (1, 'bob@acme.example', '', '', 'manager')",
		"INSERT INTO users (company_id, email, first_name, last_name) VALUES (2, 'cem@acme.example', 'Çem', 'O''Hara')",
	},
	"company_settings": {"INSERT INTO company_settings (company_id, preferences) VALUES (1, '{\"theme\": \"dark\"}'), (2, '{}')"},
	"clients_and_projects": {
		"INSERT INTO clients (company_id, name, address) VALUES (1, 'Brick', 'Main Street 1'), (2, 'Brick', NULL)",
		"INSERT INTO projects (company_id, client_id, parent_id, name, hourly_rate) VALUES (1, 1, NULL, 'Site', 99.5), (1, NULL, 1, 'Site', NULL), (2, 2, NULL, 'Site', 120)",
		"INSERT INTO project_members (project_id, user_id) VALUES (1, 1), (1, 2), (2, 1), (3, 3)",
	},
	"time_entries": {
		"INSERT INTO time_entries (user_id, project_id, started_at, ended_at, billable) VALUES (1, 1, '2026-02-02 09:00:00', '2026-02-02 10:30:00', true), (1, 2, '2026-02-02 11:00:00', NULL, true), (2, 1, '2026-02-03 08:00:00', '2026-02-03 08:15:00', false)",
	},
	"audit_events": {
		"INSERT INTO audit_events (company_id, user_id, action, data) VALUES (1, 1, 'project.created', '{\"id\": 1}'), (1, 99, 'user.deleted', NULL), (2, NULL, 'backup', NULL)",
	},
	"invitations": {"INSERT INTO invitations (company_id, email) VALUES (1, 'dan@acme.example'), (2, 'dan@acme.example')"},
	"nicknames":   {"UPDATE users SET nickname = 'Annie' WHERE id = 1"},
}

// forGood are the tables with rows that a migration changes for good, so that
// reverting it does not bring them back, and lost those whose new column goes with
// what was entered in it.
var (
	forGood = map[string]string{"activities_of_users": "activities", "project_names": "projects"}
	lost    = map[string]string{"nicknames": "users"}
)

// Each migration is applied to a database in use, reverted and applied again:
// what was entered before it is there after each of the three.
func TestRowsOfEachStepUpDownUp(t *testing.T) {
	each(t, func(t *testing.T, db *bun.DB, m *migrate.Migrator) {
		report := must[*migrate.Report](t)
		entered := 0
		for range migrate.DefaultRegistry().Migrations() {
			before := contents(t, db)
			_, name, _ := strings.Cut(report(m.Up(t.Context(), migrate.Steps(1))).To, "_")
			enter(t, db, name)
			entered += len(rows[name])
			after := contents(t, db)
			report(m.Down(t.Context(), migrate.Steps(1)))
			reverted := contents(t, db)
			for table, want := range before {
				if table == forGood[name] {
					continue
				}
				if diff := cmp.Diff(want, reverted[table]); diff != "" {
					t.Errorf("%s, down: %s: %s", name, table, diff)
				}
			}
			report(m.Up(t.Context(), migrate.Steps(1)))
			again := contents(t, db)
			delete(after, lost[name])
			for table, want := range after {
				if _, old := reverted[table]; !old && !renamedBy(name, table) {
					continue // its table went with its rows
				}
				if diff := cmp.Diff(want, again[table]); diff != "" {
					t.Errorf("%s, up again: %s: %s", name, table, diff)
				}
			}
			if len(again) < len(after) {
				t.Errorf("%s: %d tables, then %d", name, len(after), len(again))
			}
			if len(again) > len(before) { // its rows went with the table: those to come shall meet some
				enter(t, db, name)
			}
		}
		if want := len(slices.Concat(values(rows)...)); entered != want {
			t.Errorf("%d statements entered rows, and %d are written: a migration has another name now", entered, want)
		}
		for table, lines := range contents(t, db) {
			if len(lines) == 0 {
				t.Errorf("%s has no rows", table)
			}
		}
	})
}

// The trigger says when settings were changed, on each database in its way.
func TestSettingsTellWhenTheyChanged(t *testing.T) {
	each(t, func(t *testing.T, db *bun.DB, m *migrate.Migrator) {
		must[*migrate.Report](t)(m.Up(t.Context(), migrate.Head))
		for _, statement := range []string{
			"INSERT INTO companies (name, slug) VALUES ('Acme', 'acme')",
			"INSERT INTO company_settings (company_id, updated_at) VALUES (1, '2001-01-01 00:00:00')",
			"UPDATE company_settings SET round_to = 15",
		} {
			must[sql.Result](t)(db.ExecContext(t.Context(), statement))
		}
		if n := must[int64](t)(db.NewSelect().Table("company_settings").Where("round_to = 15 AND updated_at > '2002-01-01'").Count(t.Context())); n != 1 {
			t.Error("changed settings have their old time")
		}
	})
}

// renamedBy reports whether the table had another name before.
func renamedBy(migration, table string) bool {
	return migration == "activities" && table == "activities"
}

func enter(t *testing.T, db *bun.DB, name string) {
	t.Helper()
	for _, statement := range rows[name] {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

func values[K comparable, V any](m map[K]V) []V {
	var all []V
	for _, v := range m {
		all = append(all, v)
	}
	return all
}

// contents are the rows of each table, in no order.
func contents(t *testing.T, db *bun.DB) map[string][]string {
	t.Helper()
	d := dialectOf(t, db)
	all := map[string][]string{}
	for _, table := range inspect(t, db).Tables {
		var columns []string
		for _, c := range table.Columns {
			columns = append(columns, "coalesce(CAST("+d.Quote(c.Name)+" AS text), 'NULL')")
		}
		slices.Sort(columns) // a column that came back stands at the end
		lines := []string{}
		err := db.NewRaw("SELECT "+strings.Join(columns, " || ' ' || ")+" AS line FROM "+d.Quote(table.Name)+" ORDER BY line").Scan(t.Context(), &lines)
		if err != nil {
			t.Fatal(err)
		}
		all[table.Name] = lines
	}
	return all
}
