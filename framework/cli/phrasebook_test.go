package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/leavendb/leaven/scaffold"
)

var phrase = regexp.MustCompile("`migrate ([^`]+)`")

// Every command of the phrase book that is ours does something, where two of the
// three migrations are applied. Those that stand in a row run one after another.
func TestPhraseBook(t *testing.T) {
	text, err := os.ReadFile("../docs/phrasebook.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for row := range strings.Lines(string(text)) {
		phrases := phrase.FindAllStringSubmatch(row, -1)
		if len(phrases) == 0 {
			continue
		}
		rows++
		t.Run(strings.Trim(strings.SplitN(row, "|", 3)[min(1, strings.Count(row, "|"))], " \n"), func(t *testing.T) {
			for _, p := range phrases {
				speak(t, p[1])
			}
		})
	}
	if rows < 60 {
		t.Errorf("%d rows: does this test still read the book?", rows)
	}
}

// speak runs a command in an application of its own.
func speak(t *testing.T, command string) {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(dir)
	app := fixture("shop")
	app.Environ = []string{"DATABASE_URL=sqlite:shop.db"}
	app.Dir = filepath.Join(dir, "migrations")
	if err := os.Mkdir(app.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, m := range shop() {
		put(t, app.Dir, scaffold.Node{ID: m.ID, After: m.After})
	}
	if _, stderr, code := outputOf(t, app, "up", "2"); code != 0 {
		t.Fatal(stderr)
	}
	want := 0
	if strings.Contains(command, "--exit-code") {
		want = codePending
	}
	if stdout, stderr, code := outputOf(t, app, words(command)...); code != want {
		t.Errorf("migrate %s: exit code %d\n%s%s", command, code, stdout, stderr)
	}
}

// words splits a command as a shell does that knows only double quotes.
func words(command string) []string {
	var all []string
	for i, part := range strings.Split(command, `"`) {
		if i%2 == 1 {
			all = append(all, part)
		} else {
			all = append(all, strings.Fields(part)...)
		}
	}
	return slices.DeleteFunc(all, func(w string) bool { return w == "" })
}
