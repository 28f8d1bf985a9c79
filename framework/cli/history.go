package cli

import (
	"fmt"
	"slices"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/history"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (p *program) historyCommand() *cobra.Command {
	var limit int
	var verbose bool
	return p.verb(leaf{
		use: "history", aliases: []string{"log"}, group: groupLook, codes: lookCodes,
		short: "Show what was done, newest first, failed attempts too",
		long: "Shows the log: every up, down, stamp, repair and decision that ended while the database\n" +
			"was reachable, with time, who and how long. Rows of tables are never in it, also not in\n" +
			"messages of failed attempts.",
		example: "  {migrate} history\n  {migrate} history -n 5 --verbose\n  {migrate} history --limit 0 --json",
		flags: func(fs *pflag.FlagSet) {
			verboseFlag(fs, &verbose, "also the batch and the tool's version")
			fs.IntVarP(&limit, "limit", "n", 50, "at most this many entries; 0: all")
		},
		do: func(c *call) (view, error) {
			if limit < 0 {
				return nil, misuse("--limit cannot be negative", "use --limit 0 for all entries")
			}
			return c.look(func() (view, error) {
				m, err := c.migrator()
				if err != nil {
					return nil, err
				}
				entries, err := m.History(c.ctx, limit)
				if err != nil {
					return nil, err
				}
				v := c.newHistoryView(entries, limit)
				v.verbose = verbose
				return v, nil
			})
		},
	})
}

type historyView struct {
	Entries []logView `json:"history"`
	full    bool      // as many as were asked for: there may be more
	verbose bool
	log     []history.LogEntry
}

type logView struct {
	Seq       int64   `json:"seq"`
	ID        string  `json:"id"`
	Action    string  `json:"action"`
	Outcome   string  `json:"outcome"`
	At        *string `json:"at"`
	ElapsedMS int64   `json:"elapsed_ms"`
	By        string  `json:"by,omitempty"`
	Batch     int64   `json:"batch,omitempty"`
	Code      string  `json:"code,omitempty"`
	Message   string  `json:"message,omitempty"`
	Reason    string  `json:"reason,omitempty"`
	Tool      string  `json:"tool,omitempty"`
}

func (c *call) newHistoryView(entries []history.LogEntry, limit int) *historyView {
	v := &historyView{Entries: []logView{}, full: limit > 0 && len(entries) == limit, log: entries}
	for _, e := range entries {
		v.Entries = append(v.Entries, logView{Seq: e.Seq, ID: e.ID, Action: string(e.Action), Outcome: string(e.Outcome), At: stamp(e.At),
			ElapsedMS: e.Elapsed.Milliseconds(), By: e.AppliedBy, Batch: e.Batch, Code: e.Code, Message: c.scrub(e.Message), Reason: c.scrub(e.Reason), Tool: e.Tool})
	}
	return v
}

func (v *historyView) show(c *call) {
	if len(v.Entries) == 0 {
		c.out.line("Nothing was done yet.")
		return
	}
	head, spare := []string{"Outcome", "Action", "Migration", "When", "Took", "By", remarks}, []string{"Took", "By", "When"}
	if v.verbose {
		head, spare = slices.Insert(head, 6, "Batch", "Tool"), append(spare, "Tool", "Batch")
	}
	g := grid{head: head, spare: spare, tint: func(row []string) string {
		switch history.Outcome(row[0]) {
		case history.Done:
			return "32"
		case history.Begun: // no fault: how it ended is told by itself
			return "2"
		}
		return "31"
	}}
	for i, e := range v.Entries {
		row := []string{e.Outcome, e.Action, e.ID, when(v.log[i].At), took(v.log[i].Elapsed), e.By, e.remarks()}
		if v.verbose {
			row = slices.Insert(row, 6, e.batch(), e.Tool)
		}
		g.rows = append(g.rows, row)
	}
	g.show(c.out)
	if v.full {
		c.err.line(c.err.dim(fmt.Sprintf("At most %d are shown, the newest; for all: --limit 0", len(v.Entries))))
	}
}

// batch is the number of the deploy; empty for what belongs to none.
func (e logView) batch() string {
	if e.Batch == 0 {
		return ""
	}
	return fmt.Sprint(e.Batch)
}

func (e logView) remarks() string {
	if e.Reason != "" {
		return oneLine(e.Reason)
	}
	return faultText(dialect.Fault{Message: oneLine(e.Message), Code: e.Code}, nil)
}
