// Package readme holds tests that read README.md and the chapters in
// framework/docs as somebody does who believes every word: they type each
// command into a fresh copy of the repository, compile each piece of Go, and
// look up each name. What the commands do in general is tested elsewhere.
package readme

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/internal/pgtest"
)

// step is a command of a document and what comes of it. The steps of a document
// are its commands, in order, so that none is left out and a new one needs a
// step here.
type step struct {
	command string
	says    string // a regular expression; must match the output
	instead string // is run for it, because
	because string
	between bool // is not in the document: it prepares, or looks closer
	code    int
}

var steps = map[string][]step{
	"README.md": {
		{command: "go run ./cmd/migrate up", says: `embedded SQLite(.|\n)*applied +\d{14}_(.|\n)*Applied \d+ migrations in .*Now at \d{14}_`},
		{command: "go run ./cmd/migrate up", says: `Nothing to do`, between: true},
		{command: "make test", instead: "make -n test", because: "it would run this test in this test", says: `(?m)go test \./\.\.\.$`},
		{command: "DATABASE_URL=postgres://me:secret@localhost:5432/shop go run ./cmd/migrate up", says: `from DATABASE_URL(.|\n)*Applied \d+ migrations`},
		{command: "DATABASE_URL=postgres://me:secret@localhost:5432/shop go run ./cmd/migrate status --exit-code", says: `nothing pending`, between: true},

		// Somebody who knows this file alone reaches a migration of their own model.
		{command: "go run ./cmd/leaven new shop", says: `Wrote \d+ files in \.\./shop:`},
		{command: "cd ../shop"},
		{command: "go run ./cmd/migrate up", says: `Applied 1 migration `},
		{command: `echo >> models/product.go && sed -n '/^\/\/ Invoice is/,/^}/p' ../leaven/README.md >> models/product.go && sed -i.old 's/(\*Product)(nil),/&\n\t\t(*Invoice)(nil),/' models/models.go && rm models/*.old && gofmt -d models && test -z "$(gofmt -l models)"`, between: true},
		{command: `go run ./cmd/migrate new "add invoices"`, says: `^Database: .*\n  add invoices\nWrote migrations/\d{14}_add_invoices\.go\n`},
		{command: "go run ./cmd/migrate up", says: `Applied 1 migration .*Now at \d{14}_add_invoices`},
		{command: "go run ./cmd/migrate down", says: `Reverted 1 migration .*; 1 pending`},
		{command: "cd ../leaven", between: true},
		{command: "rm -rf ../shop", between: true},

		{command: "go run ./cmd/migrate", says: `nothing pending`},
		{command: "go run ./cmd/migrate status", says: `nothing pending`},
		{command: "go run ./cmd/migrate history", says: `done +up +\d{14}_nicknames`},
		{command: "go run ./cmd/migrate show nicknames", says: `State +applied(.|\n)*migrations/\d{14}_nicknames\.go`},
		{command: "go run ./cmd/migrate down", says: `Reverted 1 migration .*1 pending`},
		{command: "go run ./cmd/migrate up", says: `Applied 1 migration `},
		{command: "go run ./cmd/migrate redo 2", says: `Reverted 2 migrations and applied them again`},

		{command: "go run ./cmd/migrate check", says: `models, migrations and database agree`},
		{command: "go run ./cmd/migrate new --diff", says: `Nothing to write`},
		{command: `go run ./cmd/migrate new "add invoices"`, says: `Wrote migrations/\d{14}_add_invoices\.go`},
		{command: "go vet ./migrations && test -z \"$(gofmt -l migrations)\"", between: true},
		{command: "go run ./cmd/migrate pending", says: `(?m)^\d{14}_add_invoices$`},
		{command: "go run ./cmd/migrate up", says: `Applied 1 migration .*Now at \d{14}_add_invoices`},
		{command: "go run ./cmd/migrate validate", says: `are valid`},

		{command: "CGO_ENABLED=0 go build -o bin/migrate ./cmd/migrate"},
		{command: "bin/migrate wait --for 60s", says: `answers`},
		{command: "bin/migrate up", says: `Nothing to do`},
		{command: "bin/migrate status --exit-code", says: `nothing pending`},
		{command: "bin/migrate down", says: `Reverted 1 migration `, between: true},
		{command: "bin/migrate status --exit-code", says: `1 pending`, between: true, code: 3},
		{command: "go run ./cmd/migrate status --exit-code", says: `exit status 3`, between: true, code: 1},

		// A database that exists already: somebody else has made the first table.
		{command: "rm -r data && bin/migrate --history-table elsewhere up 1", says: `Applied 1 migration`, between: true},
		{command: "bin/migrate baseline", says: `recorded +20260105090000_images\n`},
		{command: "bin/migrate up", says: `Applied \d+ migrations`},
		{command: "bin/migrate history", says: `(?m)stamp +20260105090000_images`, between: true},

		{command: "go run ./cmd/migrate info", says: `embedded SQLite: DATABASE_URL is not set`},
		{command: ".ci/run", instead: "test -x .ci/run && bash -n .ci/run && grep .ci/run .github/workflows/ci.yml",
			because: "it runs all tests, and this one in it"},
	},
	"framework/docs/adopt.md": {
		{command: "rm -rf data && bin/migrate --history-table elsewhere up 4", says: `Applied 4 migrations`, between: true},
		{command: `go run ./framework/internal/readme/testdata/statements sqlite:./data/app.db \
			'CREATE TABLE goose_db_version (id integer PRIMARY KEY, version_id bigint, is_applied boolean, tstamp timestamp)' \
			'INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, true), (20260105090000, true), (20260112100000, true), (20260119093000, true), (20260126140000, true)'`, between: true},
		{command: "bin/migrate adopt --dry-run", says: `The history of goose is in goose_db_version(.|\n)*record +20260126140000_clients_and_projects +20260126140000`},
		{command: "bin/migrate adopt --from goose --yes", says: `Recorded 4 migrations, and nothing was run`},
		{command: "bin/migrate status", says: `applied +20260126140000_clients_and_projects`},
		{command: "bin/migrate up", says: `Applied \d+ migrations`},
		{command: `go run ./framework/internal/readme/testdata/statements sqlite:./data/app.db \
			'CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)' "INSERT INTO alembic_version VALUES ('1975ea83b712')" \
			'CREATE TABLE my_versions (version text, done boolean, undone_at timestamp)' "INSERT INTO my_versions VALUES ('companies_and_users', true, NULL), ('nicknames', false, NULL)" \
			&& mkdir -p alembic/versions && printf '"""Companies and users"""\nrevision = "1975ea83b712"\ndown_revision = None\n' > alembic/versions/1975ea83b712_x.py`, between: true},
		{command: "bin/migrate adopt --from alembic --map 1975ea83b712=20260112100000_companies_and_users --dry-run", says: `recorded +20260112100000_companies_and_users +1975ea83b712`},
		{command: "bin/migrate adopt --from alembic --scripts alembic/versions --dry-run", says: `recorded +20260112100000_companies_and_users +1975ea83b712`},
		{command: "bin/migrate adopt --from table=my_versions --column version --where done=true --where undone_at= --dry-run", says: `recorded +20260112100000_companies_and_users +companies_and_users\n`},
	},
	"framework/docs/testing.md": {
		{command: "go test ./migrations", says: `ok `},
	},
	"framework/docs/deploy.md":    deploySteps,
	"framework/docs/scenarios.md": scenarioSteps,
	"framework/docs/autogenerate.md": {
		{command: "rm -rf data && bin/migrate up", says: `Applied \d+ migrations`, between: true},
		{command: "bin/migrate check", says: `models, migrations and database agree`},
		{command: "bin/migrate check --replay", says: `agree`},
		{command: "bin/migrate new --diff", says: `Nothing to write`},
		{command: "bin/migrate new --offline --diff", says: `Nothing to write(.|\n)*`},
		{command: "bin/migrate inspect --json", says: `"name": "time_entries"`},
	},
	"framework/docs/scaffold.md": {
		{command: "go run ./cmd/leaven new shop", says: `Wrote \d+ files in \.\./shop:(.|\n)*Next: +cd \.\./shop\n +go run \.\n`},
		{command: "cd ../shop && go run .", instead: "cd ../shop && go vet .", because: "it serves until it is stopped; framework/internal/apps runs it"},
		{command: "cd ../shop && make test", says: `ok\s+shop`},
		{command: "cd ../shop && go run ./cmd/migrate up", says: `Applied 1 migration `},
		{command: `cd ../shop && go run ./cmd/migrate new "add invoices"`, says: `Wrote migrations/\d{14}_add_invoices\.go`},
		{command: "cd ../shop && go run ./cmd/migrate status", says: `1 applied, 1 pending`},
		{command: `go run ./cmd/leaven migration "fill in names" --model users`, says: `Wrote migrations/\d{14}_fill_in_names\.go`},
		{command: "grep -q 'type user struct' migrations/*_fill_in_names.go && rm migrations/*_fill_in_names.go && rm -rf ../shop", between: true},
	},
	"framework/docs/sql.md": {
		{command: "rm -rf data && bin/migrate up 8", says: `Now at \d{14}_time_entries_by_user`, between: true},
		{command: "bin/migrate plan", says: `DATA LOSS +LOCKS(.|\n)*nicknames(.|\n)*CREATE TABLE "leaven_new_users"`},
		{command: "bin/migrate plan down 2", says: `drop table audit_events`},
		{command: "bin/migrate show finer_rates", says: `State +pending(.|\n)*"hourly_rate" NUMERIC\(14, 4\)`},
		{command: "bin/migrate up --dry-run", says: `(?m)^BEGIN;(.|\n)*INSERT INTO "leaven_history"`},
		{command: "bin/migrate up --tx all --dry-run", says: `One transaction for all of them`, between: true},
		{command: "bin/migrate down 2 --dry-run", says: `DROP TABLE "audit_events"`},
		{command: "bin/migrate status", says: `applied +\d{14}_time_entries_by_user`, between: true}, // nothing was run
		{command: "bin/migrate up 1 && bin/migrate plan", says: `20260309094500_accountants +up`, between: true},

		{command: "bin/migrate sql base:head --dialect postgres --partial > schema.sql", says: `display_names reads data, not shown`},
		{command: "grep -A 3 display_names schema.sql", says: `-- NOT HERE: it reads data, not shown\.
-- Run what stands above, then: .*migrate up 1, then what stands below,
-- which fails at once as long as this is not done\.`, between: true},
		{command: "bin/migrate sql base:head --dialect postgres > schema.sql", code: 1, between: true},
		{command: "bin/migrate sql display_names:head --dialect sqlite", says: `ALTER TABLE "audit_events" RENAME TO "activities"`},
		{command: "bin/migrate sql activities:display_names --dialect postgres", says: `ALTER TABLE "activities" RENAME TO "audit_events"(.|\n)*DROP TABLE "audit_events"`},
	},
}

var onPostgres = regexp.MustCompile(`DATABASE_URL=postgres://\S+`)

func TestCommands(t *testing.T) {
	c := newCheckout(t)
	_, url := pgtest.New(t)
	for _, d := range documents(t, c.dir) {
		left := d.commands()
		for _, s := range steps[d.path] {
			if !s.between {
				if len(left) == 0 || left[0] != s.command {
					t.Fatalf("%s: the next command is %q, the next step of this test %q: change one of them", d.path, left, s.command)
				}
				left = left[1:]
			}
			if to, ok := strings.CutPrefix(s.command, "cd "); ok && !strings.Contains(to, " ") {
				c.dir = filepath.Join(c.dir, to)
				continue
			}
			t.Run(s.command, func(t *testing.T) { c.follow(t, s, url) })
			if t.Failed() {
				t.FailNow() // the next ones build on it
			}
		}
		if len(left) > 0 {
			t.Errorf("%s: no step of this test runs %q", d.path, left)
		}
		c.pathsExist(t, d)
	}
	c.binaryIsStatic(t)
}

// TestNewcomer counts what somebody types who begins with a clone and ends with a
// migration of their own model that was applied and reverted. TestCommands has
// typed it.
func TestNewcomer(t *testing.T) {
	readme := documents(t, repository(t))[0]
	_, chapter, ok := strings.Cut(readme.text, "\n## Your own model\n")
	chapter, _, _ = strings.Cut(chapter, "\n## ")
	typed := takeApart(readme.path, chapter).commands()
	var verbs []string
	for _, line := range typed {
		if rest, ok := strings.CutPrefix(line, "go run ./cmd/migrate "); ok {
			verbs = append(verbs, strings.Fields(rest)[0])
		}
	}
	if !ok || len(typed) >= 9 || strings.Join(verbs, " ") != "up new up down" { // with clone: fewer than ten
		t.Errorf("README.md has a newcomer type %q", typed)
	}
}

func (c checkout) follow(t *testing.T, s step, url string) {
	line := s.command
	if s.instead != "" {
		t.Logf("%s: instead of %s, because %s", s.instead, s.command, s.because)
		line = s.instead
	}
	out, code := c.run(t, onPostgres.ReplaceAllLiteralString(line, "DATABASE_URL='"+url+"'"))
	if code != s.code {
		t.Fatalf("exit code %d, want %d", code, s.code)
	}
	if !regexp.MustCompile(s.says).MatchString(out) {
		t.Errorf("the output does not match %s", s.says)
	}
	if strings.Contains(out, "panic") || strings.Contains(out, "%!") {
		t.Error("this output is not for readers")
	}
}
