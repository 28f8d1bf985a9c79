package readme

import (
	"regexp"
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/cli"
)

var deploySteps = []step{
	{command: "rm -rf data", between: true},
	{command: "bin/migrate exec -- echo the application starts", says: `Applied \d+ migrations(.|\n)*the application starts`},
	{command: "bin/migrate down", says: `Reverted 1 migration `},
	{command: "MIGRATE_ON_START=require bin/migrate exec -- echo never", says: `1 migration pending`, code: 3},
	{command: "MIGRATE_ON_START=off bin/migrate exec -- echo without looking", says: `^without looking\n$`},
	{command: "bin/migrate up", says: `Applied 1 migration `},

	{command: "rm -rf data && bin/migrate --history-table elsewhere up 1", between: true},
	{command: "MIGRATE_BASELINE=auto bin/migrate exec -- echo the application starts", says: `recorded as applied without being run, up to 20260105090000_images(.|\n)*Applied \d+ migrations(.|\n)*the application starts`},

	{command: "bin/migrate plan", says: `.`},
	{command: "bin/migrate up --dry-run > release.sql"},
	{command: "bin/migrate up", says: `Nothing to do`},
	{command: "bin/migrate status --exit-code", says: `nothing pending`},

	{command: "CGO_ENABLED=0 go build -trimpath -buildvcs=false -o bin/migrate ./cmd/migrate"},
	{command: "bin/migrate validate", says: `are valid`},
	{command: "bin/migrate check --replay", says: `agree`},
	{command: "DATABASE_URL=postgres://me:secret@localhost:5432/shop bin/migrate up", says: `Applied|Nothing to do`},

	{command: `for url in sqlite:./data/north.db sqlite:./data/south.db; do bin/migrate up --database-url "$url" || exit; done`, says: `(?s)north.*Applied \d+ migrations.*south.*Applied \d+ migrations`},
	{command: "bin/migrate status --database-url sqlite:./data/north.db --history-table billing_history", says: `0 applied, \d+ pending`},

	{command: "bin/migrate down", says: `Reverted 1 migration `},
	{command: `bin/migrate up --require-before --before "pg_dump -Fc -f /backup/shop.dump" --after "/bin/notify shop"`,
		instead: `bin/migrate up --require-before --before env --after env`, because: "pg_dump is not on every machine",
		says: `(?s)HOOK=before.*applied.*HOOK=after`},
	{command: "bin/migrate redo 2 --copies 1", says: `copied +.*app\.db\.\d{8}T\d{6}\.\d{3}Z\.bak`},
	{command: "APP_ENV=production bin/migrate --database-url sqlite:./data/app.db reset --confirm", says: `reset is refused here`, code: 9},

	{command: "go run ./cmd/migrate up", says: `Nothing to do`},
	{command: "rm -rf release.sql data/north.db* data/south.db*", between: true},
}

var (
	outside = regexp.MustCompile(`^(docker|kubectl|helm|aws) `)
	inside  = regexp.MustCompile(`(?:--entrypoint /migrate \S+| compose run (?:--\S+ )*migrate| /migrate) (.*)$`)
)

// TestCommandsOfContainers reads the blocks that are called console: their lines are
// for programs that are not here, and what they give to ours must be a command.
func TestCommandsOfContainers(t *testing.T) {
	lines, ours := 0, 0
	for _, d := range documents(t, repository(t)) {
		for _, b := range d.of("console") {
			for line := range strings.Lines(b.text) {
				line = strings.TrimSpace(line)
				lines++
				if !outside.MatchString(line) {
					t.Errorf("%s: %q can be run: put it into a block of sh", d.path, line)
				}
				m := inside.FindStringSubmatch(line)
				if m == nil {
					continue
				}
				ours++
				root := cli.New(cli.App{Name: "migrate"})
				words, _, _ := strings.Cut(m[1], " -- ")
				cmd, rest, err := root.Find(strings.Fields(words))
				if err != nil || cmd == root || cmd.ParseFlags(rest) != nil {
					t.Errorf("%s: %q is no command: %v", d.path, m[1], err)
				}
			}
		}
	}
	if lines == 0 || ours == 0 {
		t.Error("no such blocks: does this test still read the documents?")
	}
}
