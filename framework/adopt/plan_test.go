package adopt_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leavendb/leaven/framework/adopt"
)

func TestPlan(t *testing.T) {
	dated := []string{"20260101090000_users", "20260102090000_orders", "20260103090000_invoices"}
	counted := []string{"0001_users", "0002_orders", "0010_invoices"}
	dotted := []string{"1_2_1_users", "1_3_0_orders", "1_10_invoices"}
	for _, c := range []struct {
		name               string
		ids                []string
		versions           []adopt.Version
		recorded, byHand   map[string]string
		mark, unknown, gap []string
	}{
		{name: "nothing", ids: dated},
		{name: "by number", ids: dated, versions: of("20260101090000", "20260102090000"), mark: dated[:2]},
		{name: "leading zeros", ids: counted, versions: of("1", "00002", "10"), mark: counted},
		{name: "by the name of a file", ids: dated, versions: of("20260101090000_users.sql", "20260102090000_orders.up.sql"), mark: dated[:2]},
		{name: "by the name of a file, as sql-migrate writes it", ids: dated, versions: of("20260101090000-people.sql"), mark: dated[:1]},
		{name: "a file that was renamed", ids: dated, versions: of("20260101090000_people.sql"), mark: dated[:1]},
		{name: "by words", ids: counted, versions: of("users", "orders"), mark: counted[:2]},
		{name: "by a description", ids: dated, versions: []adopt.Version{{Text: "1", Name: "Users"}, {Text: "2.1", Name: "orders!"}}, mark: dated[:2]},
		{name: "the number before the description", ids: counted, versions: []adopt.Version{{Text: "1", Name: "orders"}}, mark: counted[:1]},
		{name: "a description that two have", ids: []string{"0001_a", "0002_a"}, versions: []adopt.Version{{Text: "7", Name: "a"}}, unknown: []string{"7"}},
		{name: "dotted", ids: dotted, versions: of("1.2.1", "1.3"), mark: dotted[:2]},
		{name: "dotted, and not ours", ids: dotted, versions: of("1.2"), unknown: []string{"1.2"}},
		{name: "through, dotted", ids: dotted, versions: []adopt.Version{{Text: "1.9", Through: true}}, mark: dotted[:2], unknown: []string{"1.9"}},
		{name: "a hash is no number", ids: counted, versions: of("1f3a"), unknown: []string{"1f3a"}},
		{name: "by hand", ids: counted, versions: of("1f3a"), byHand: map[string]string{"1f3a": "0001_users"}, mark: counted[:1]},
		{name: "by hand first", ids: counted, versions: of("2"), byHand: map[string]string{"2": "0001_users"}, mark: counted[:1]},
		{name: "unknown", ids: dated, versions: of("20260101090000", "7"), mark: dated[:1], unknown: []string{"7"}},
		{name: "two with that number", ids: []string{"1_a", "01_b"}, versions: of("1"), unknown: []string{"1"}},
		{name: "a gap", ids: dated, versions: of("20260103090000"), mark: dated[2:], gap: dated[:2]},
		{name: "recorded before", ids: dated, versions: of("20260101090000", "20260102090000"), recorded: map[string]string{dated[0]: ""}, mark: dated[1:2]},
		{name: "through", ids: counted, versions: []adopt.Version{{Text: "2", Through: true}}, mark: counted[:2]},
		{name: "through, and compared as numbers", ids: counted, versions: []adopt.Version{{Text: "9", Through: true}}, mark: counted[:2], unknown: []string{"9"}},
		{name: "through by hand", ids: counted, versions: []adopt.Version{{Text: "ae12", Through: true}}, byHand: map[string]string{"ae12": "0002_orders"}, mark: counted[:2]},
	} {
		t.Run(c.name, func(t *testing.T) {
			recorded := map[string]bool{}
			for id := range c.recorded {
				recorded[id] = true
			}
			p := adopt.NewPlan(c.ids, recorded, adopt.History{Versions: c.versions}, c.byHand)
			for what, pair := range map[string][2][]string{"mark": {p.Mark, c.mark}, "unknown": {p.Unknown, c.unknown}, "gaps": {p.Gaps, c.gap}} {
				if diff := cmp.Diff(append([]string{}, pair[1]...), append([]string{}, pair[0]...)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", what, diff)
				}
			}
			if (len(p.Refusals()) > 0) != (len(c.unknown)+len(c.gap) > 0) || len(p.Refusals(adopt.Refusals()...)) > 0 {
				t.Errorf("refusals: %v", p.Refusals())
			}
		})
	}
}

func of(texts ...string) (versions []adopt.Version) {
	for _, text := range texts {
		versions = append(versions, adopt.Version{Text: text})
	}
	return versions
}

func TestForeign(t *testing.T) {
	for _, c := range []struct {
		table   string
		columns []string
		want    string
	}{
		{"renamed", []string{"id", "name", "group_id", "migrated_at"}, "bun"},
		{"bun_migration_locks", []string{"table_name", "id"}, "bun"},
		{"anything", []string{"table_name", "id"}, ""},
		{"schema_migrations", []string{"version", "dirty"}, "golang-migrate"},
		{"schema_migrations", []string{"version"}, "dbmate"},
		{"releases", []string{"version"}, ""},
		{"migrations", []string{"id"}, "gormigrate"},
		{"tags", []string{"id"}, ""},
		{"river_migration", []string{"line", "version", "created_at"}, "river"},
		{"users", []string{"id", "name"}, ""},
	} {
		if got, ok := adopt.Foreign(c.table, c.columns); got != c.want || ok != (c.want != "") {
			t.Errorf("%s %v: got %q, %v, want %q", c.table, c.columns, got, ok, c.want)
		}
	}
}
