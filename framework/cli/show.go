package cli

import (
	"fmt"
	"strings"

	"github.com/leavendb/leaven/framework/migrate"
	"github.com/spf13/cobra"
)

func (p *program) showCommand() *cobra.Command {
	return p.verb(leaf{
		use: "show REVISION", group: groupLook, codes: lookCodes, words: oneRevision, min: 1, max: 1, missing: "a revision",
		short: "Show all that is known of one migration",
		long: "Shows its state, when and by whom it was applied, its file, its last failure, and the SQL\n" +
			"of its Up where that can be told without running it.",
		example: "  {migrate} show 20261121090000_add_invoices\n  {migrate} show add_invoices\n  {migrate} show head",
		do: func(c *call) (view, error) {
			s, err := c.status()
			if err != nil {
				return nil, err
			}
			id, err := s.find(c.word(0))
			if err != nil {
				return nil, err
			}
			for _, e := range s.Migrations {
				if e.ID == id {
					return &showView{entryView: e, Parents: c.parents(id), SQL: c.sqlAt(id)}, nil
				}
			}
			return nil, &migrate.RevisionError{Revision: c.word(0)}
		},
	})
}

// find resolves a revision word among what status lists.
func (v *statusView) find(word string) (string, error) {
	switch word {
	case "head", "heads":
		return v.Head, nil
	case "current":
		return v.Current, nil
	}
	var matches, names []string
	for _, e := range v.Migrations {
		_, name, _ := strings.Cut(e.ID, "_")
		names = append(names, e.ID, name)
		switch {
		case e.ID == word:
			return word, nil
		case strings.HasPrefix(e.ID, word), name == word:
			matches = append(matches, e.ID)
		}
	}
	switch len(matches) {
	case 1:
		return matches[0], nil
	case 0:
		return "", &migrate.RevisionError{Revision: word, Nearest: nearest(word, names)}
	}
	return "", &migrate.RevisionError{Revision: word, Matches: matches}
}

// parents are those that the migration's literal names.
func (c *call) parents(id string) []string {
	for _, m := range c.known() {
		if m.ID == id {
			return m.After
		}
	}
	return nil
}

type showView struct {
	entryView
	Parents []string `json:"after,omitempty"`
	SQL     *sqlView `json:"sql,omitempty"` // of its Up
}

func (v *showView) show(c *call) {
	row := func(label, text string) {
		if text != "" {
			c.out.line(c.out.dim(fmt.Sprintf("%-13s", label)) + text)
		}
	}
	row("Migration", c.out.bold(v.ID))
	row("Description", v.Description)
	row("State", v.State)
	row("After", strings.Join(v.Parents, ", "))
	row("File", v.File)
	if v.AppliedAt != nil {
		row("Applied", when(v.applied)+" by "+v.AppliedBy)
		row("Took", took(v.elapsed))
		row("App version", v.AppVersion)
		row("Batch", fmt.Sprint(v.Batch))
		row("Source", v.sourceText())
	}
	row("Irreversible", v.Irreversible)
	row("Found", strings.Join(v.Found, ", "))
	if v.Failure != nil {
		row("Last failure", v.Failure.describe())
	}
	if v.SQL != nil {
		c.out.line("")
		c.out.line(v.SQL.text())
	}
}

func (v *showView) sourceText() string {
	switch migrate.SourceState(v.Source) {
	case migrate.NoSource:
		return "not compared: no file is embedded, or no checksum was recorded"
	case migrate.Formatted:
		return "comments or layout differ from what was applied; the code is the same"
	case migrate.Edited:
		return "edited after it was applied"
	}
	return "as applied"
}
