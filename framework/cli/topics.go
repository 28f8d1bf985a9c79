package cli

import (
	"fmt"
	"strings"

	"github.com/leavendb/leaven/framework/cli/settings"
)

// topicPage is something that help explains beside the commands.
type topicPage struct {
	name, short string
	text        func(p *program) string
}

func topics() []topicPage {
	return []topicPage{
		{"revisions", "How to name a migration or a number of them", func(*program) string { return revisionsText }},
		{"exit-codes", "What the exit code of a command means", func(*program) string { return exitCodesText() }},
		{"settings", "Where the database and other settings come from", func(p *program) string { return p.settingsText() }},
		{"json", "What --json and --events write", func(*program) string { return jsonText }},
		{"json-schema", "The JSON Schema of what --json writes", func(*program) string { return Schema }},
	}
}

func topic(name string) *topicPage {
	for _, t := range topics() {
		if t.name == name {
			return &t
		}
	}
	return nil
}

func topicNames() []string {
	var names []string
	for _, t := range topics() {
		names = append(names, t.name)
	}
	return names
}

func topicList() string {
	var b strings.Builder
	for _, t := range topics() {
		_, _ = fmt.Fprintf(&b, "  help %-12s %s\n", t.name, t.short)
	}
	return b.String()
}

const revisionsText = `A revision names one migration:

  20261121090000_add_invoices   its ID
  20261121, 2026112109          the beginning of its ID, where no other begins so
  0007                          its number, where IDs are counters
  add_invoices                  its name: the ID behind the first _
  head                          the newest migration of the program
  base                          below the first migration: nothing is applied
  current                       the newest applied one (show, resolve, repair)

A word that fits several is refused, with those that it fits.

Where a command goes some way, a number says how far:

  {migrate} up 2                    the next two
  {migrate} up +2                   the same
  {migrate} down 2                  the last two that were applied
  {migrate} down -2                 the same: -2 is a number here, and not a flag
  {migrate} down --to add_invoices  what was applied after it, which stays

A number is 1 to 9999, written without a leading 0; anything else is the beginning
of an ID. up with a revision applies it and what it needs; down with a revision
reverts what was applied after it. FROM:TO is a way, for SQL:

  {migrate} sql base:head           everything
  {migrate} sql add_invoices:head   what comes after it
  {migrate} sql head:add_invoices   the way back

status lists all IDs; completion (see: {migrate} help completion) types them.
`

const jsonText = `With --json a command writes one JSON document to standard output, and nothing
else there. It has these fields, and those of the command:

  format      "leaven/1"; a program that reads it may rely on: fields are only added
  command     the command's own name, also where an alias was called
  ok          whether the exit code is 0
  exit_code   the exit code; see: {migrate} help exit-codes
  notes       what a person would be told beside the result
  error       kind, what, why, state, next, id, sqlstate, where: an error in parts

Times are RFC 3339 in UTC, durations are whole milliseconds (elapsed_ms), and what
is empty is left out where the schema does not say otherwise. Some common fields:

  done                      IDs: what up, down, redo, reset and stamp did
  applied, pending          numbers: how many are
  migrations                of status: each with its state

The schema of all documents is printed by: {migrate} help json-schema
In the source it is framework/cli/schema/leaven-1.json.

With --events, commands that run migrations write one JSON object per line while
they run: {"format":"leaven/1","event":"started","id":…,"direction":"up","at":…}.
The events are started, finished, failed, retrying, waiting, progress, other, note;
the last line is the event result, with the fields of the --json document.
`

func (p *program) settingsText() string {
	var b strings.Builder
	b.WriteString("A flag wins over a variable of the environment, that over a file (--env-file; else\n" +
		".env, but not under a guarded APP_ENV), and that over the default. What won and why is\n" +
		"shown by: {migrate} info\n")
	width := 0
	for _, s := range settings.All() {
		width = max(width, len(s.Name))
	}
	for _, g := range settings.Groups() {
		b.WriteString("\n" + g + ":\n")
		for _, s := range settings.All() {
			if s.Group == g {
				_, _ = fmt.Fprintf(&b, "  %-*s  %s\n", width, s.Name, s.Meaning)
			}
		}
	}
	b.WriteString("\nA variable with a secret has a twin with the suffix _FILE that names a file with the\n" +
		"value: DATABASE_URL_FILE, DB_PASSWORD_FILE.\n\n" +
		"A guarded APP_ENV means that data matters: down and reset ask first, nothing writes\n" +
		"source files, and without a database set nothing runs. Elsewhere, with nothing set, the\n" +
		"database is the embedded SQLite " + strings.TrimPrefix(settings.DefaultURL, "sqlite:") + ".\n")
	return b.String()
}
