package cli

import (
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// objects are what no model says: a migration that makes a view, a trigger and more,
// and the same for the list of models.
func objects(kind string) (migrate.Migration, *schema.Schema) {
	table := makes("authors").(op.CreateTable)
	want := &schema.Schema{Tables: []*schema.Table{{Name: "authors", Columns: table.Columns, PrimaryKey: table.PrimaryKey}},
		Views:    []*schema.View{{Name: "named", Query: schema.Expr("SELECT id, name FROM authors WHERE name <> 'x'")}},
		Triggers: []schema.Trigger{{Table: "authors", Name: "seen", Event: schema.Expr("BEFORE UPDATE"), Action: schema.Expr("FOR EACH ROW WHEN (NEW.name = 'x') BEGIN SELECT 1; END")}}}
	ops := []op.Op{table, op.CreateView{Name: "named", Query: want.Views[0].Query}}
	if kind == "postgres" {
		want.Triggers[0].Action = schema.Expr("FOR EACH ROW WHEN (NEW.name = 'x') EXECUTE FUNCTION seen()")
		want.Sequences = []*schema.Sequence{{Name: "tickets"}, {Name: "down", Type: schema.SmallInt, Increment: -2}}
		want.Extensions = []schema.Extension{{Name: "pg_trgm"}}
		ops = append(ops, op.SQL{Postgres: "CREATE FUNCTION seen() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"},
			op.CreateSequence{Sequence: *want.Sequences[0]}, op.CreateSequence{Sequence: *want.Sequences[1]}, op.CreateExtension{Name: "pg_trgm"})
	}
	return change(authors, "", append(ops, op.CreateTrigger{Trigger: want.Triggers[0]})...), want
}

func TestObjectsOfTheModelsAreCompared(t *testing.T) {
	for _, kind := range []string{"postgres", "sqlite"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			db, address := database(t, kind)
			m, want := objects(kind)
			app := App{Name: "migrate", Registry: migrate.NewRegistry(), Environ: []string{"DATABASE_URL=" + address}}
			app.Registry.Register(m)
			says := func(code int, texts ...string) {
				t.Helper()
				for _, words := range [][]string{{"check"}, {"check", "--replay"}, {"check", "--offline"}} {
					out, stderr, got := outputOf(t, app, words...)
					if got != code {
						t.Errorf("%v: exit code %d, want %d\n%s%s", words, got, code, out, stderr)
					}
					for _, text := range texts {
						if !strings.Contains(out, text) {
							t.Errorf("%v: %q is not in\n%s%s", words, text, out, stderr)
						}
					}
				}
			}
			app.Models = []any{want}
			if _, stderr, code := outputOf(t, app, "up"); code != 0 {
				t.Fatal(stderr)
			}
			says(0)
			_, changed := objects(kind)
			changed.Triggers[0].Event = schema.Expr("AFTER UPDATE")
			changed.Views[0].Query = schema.Expr("SELECT id FROM authors")
			texts := []string{"change trigger authors.seen", "change view named"}
			if kind == "postgres" {
				changed.Sequences[1].Increment = -3
				changed.Extensions = append(changed.Extensions, schema.Extension{Name: "citext"})
				texts = append(texts, "change sequence down", "add extension citext")
			}
			app.Models = []any{changed}
			says(4, texts...)

			// What the list does not say is left alone; what no migration made is told.
			app.Models = []any{&schema.Schema{Tables: want.Tables}}
			says(0)
			statements, strangers := []string{"CREATE VIEW theirs AS SELECT 1 AS one"}, "view theirs"
			if kind == "postgres" {
				statements = append(statements, "CREATE SEQUENCE numbers", "CREATE EXTENSION citext")
				strangers = "extension citext, sequence numbers and view theirs"
			}
			for _, s := range statements {
				if _, err := db.Exec(s); err != nil {
					t.Fatal(err)
				}
			}
			if out, stderr, code := outputOf(t, app, "check"); code != 0 || !strings.Contains(stderr, "Note:  not ours, and left alone: "+strangers+"\n") {
				t.Errorf("%d\n%s%s", code, out, stderr)
			}
		})
	}
}
