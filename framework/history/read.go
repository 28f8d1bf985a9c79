package history

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/uptrace/bun"
)

// exists tells from an error whether the table is there.
func (s *Store) exists(err error) bool { return s.d.Classify(err).Class != dialect.NoTable }

// unlessMissing turns a missing table into no error.
func (s *Store) unlessMissing(err error) error {
	if s.exists(err) {
		return err
	}
	return nil
}

// What a row of Read's statement is.
const (
	kindRecord = iota
	kindFailure
	kindDeleted
	kindChange
)

// Snapshot is the history at one moment.
type Snapshot struct {
	Records []Record // in applied order
	// Failures are, for each migration whose newest log entry, beginnings aside, is
	// not a success, that entry; oldest first. Only ReadWithFailures looks for them.
	Failures []LogEntry
	// Deleted are the entries by which a migration is applied that has no row:
	// somebody has removed it by hand.
	Deleted []LogEntry
	Change  string // of the newest log entry of a change of rows, for Token
	Current bool   // the tables exist in today's format, as Ensure makes them
}

// Read reads every column of every row, and what of the log tells more than the
// rows do, in one statement. Like Applied it writes nothing. Missing tables are
// an empty history, which is not current; nor is one of an older format.
func (s *Store) Read(ctx context.Context, db bun.IDB) (Snapshot, error) {
	return s.read(ctx, db, false)
}

// ReadWithFailures is Read, and looks for the Failures, too.
func (s *Store) ReadWithFailures(ctx context.Context, db bun.IDB) (Snapshot, error) {
	return s.read(ctx, db, true)
}

func (s *Store) read(ctx context.Context, db bun.IDB, failures bool) (Snapshot, error) {
	// The newest entry of a migration is not looked for by comparing each with all of
	// its others: a migration that fails at each start of a program has thousands. Nor
	// is it looked for where there is nothing to find, which is nearly everywhere.
	const deleted = " WHERE (l.action IN ('up', 'stamp') OR l.action = 'resolve' AND l.reason LIKE '%%%[3]s') AND l.seq IN (SELECT max(n.seq) FROM %[2]s n " +
		"WHERE n.outcome = 'done' AND n.action <> 'repair' AND n.id NOT IN (SELECT id FROM %[1]s) GROUP BY n.id)"
	const failed = " WHERE l.outcome <> 'done' AND l.seq IN (SELECT max(n.seq) FROM %[1]s n " +
		"WHERE n.outcome <> 'begun' AND n.id IN (SELECT id FROM %[1]s WHERE outcome NOT IN ('done', 'begun')) GROUP BY n.id)"
	// The log's entries travel in the columns of the rows, in the order in which
	// readStates takes them apart.
	entry := s.columns("l", []string{"seq", "id", "outcome", "action", "code", "batch", "message", "attempt", "at", "elapsed_ms", "applied_by", "tool", "reason"}) + ", '', ''"
	all := s.columns("h", columnNames(s.stateTable())) + " FROM " + s.states + " h"
	entries := func(kind int, condition string) string {
		return fmt.Sprintf("SELECT %d, %s FROM %s l%s", kind, entry, s.logs, condition)
	}
	selection := all +
		" UNION ALL " + entries(kindDeleted, fmt.Sprintf(deleted, s.states, s.logs, Resolved(string(Applied)))) +
		" UNION ALL SELECT * FROM (" + entries(kindChange, s.changes()+" ORDER BY l.seq DESC LIMIT 1") + ") c"
	if failures {
		selection += " UNION ALL " + entries(kindFailure, fmt.Sprintf(failed, s.logs))
	}
	rows, err := s.readStates(ctx, db, selection)
	class := s.d.Classify(err).Class
	if class == dialect.NoTable { // which of the two?
		rows, err = s.readStates(ctx, db, all+" ORDER BY 2")
		if class = s.d.Classify(err).Class; err == nil || class == dialect.NoTable {
			return Snapshot{Records: rows.Records}, nil
		}
	}
	if class == dialect.NoColumn {
		exprs, perr := s.present(ctx, db, s.stateTable())
		if perr != nil {
			return Snapshot{}, perr
		}
		rows, err = s.readStates(ctx, db, strings.Join(exprs, ", ")+" FROM "+s.states+" ORDER BY 2")
		return Snapshot{Records: rows.Records}, err
	}
	// They usually come in order, while the server would sort them in any case.
	slices.SortFunc(rows.Records, func(a, b Record) int { return cmp.Compare(a.Seq, b.Seq) })
	for _, entries := range [][]LogEntry{rows.Failures, rows.Deleted} {
		slices.SortFunc(entries, func(a, b LogEntry) int { return cmp.Compare(a.Seq, b.Seq) })
	}
	rows.Current = err == nil
	return rows, err
}

// columns lists quoted columns of the table alias.
func (s *Store) columns(alias string, names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = alias + "." + s.d.Quote(n)
	}
	return strings.Join(quoted, ", ")
}

// readStates runs a selection of all columns of the version table, and of what
// else stands in their place.
func (s *Store) readStates(ctx context.Context, db bun.IDB, selection string) (out Snapshot, err error) {
	rows, err := db.QueryContext(ctx, fmt.Sprintf("SELECT %d AS kind, ", kindRecord)+selection)
	if err != nil {
		return out, err
	}
	defer rows.Close()
	// Scanned into the same variables each time, thousands of rows cost half.
	var r Record
	var kind int
	var found string
	var ms int64
	into := []any{&kind, &r.Seq, &r.ID, &r.State, &r.Raw, &r.Tokens, &r.Batch, &r.Target, &r.Attempt, instant{&r.AppliedAt},
		&ms, &r.AppliedBy, &r.Tool, &r.AppVersion, &r.AppCommit, &found}
	for rows.Next() {
		r = Record{}
		if err := rows.Scan(into...); err != nil {
			return out, err
		}
		r.Elapsed = time.Duration(ms) * time.Millisecond
		switch kind {
		case kindChange:
			out.Change = Change(r.Attempt, Outcome(r.State))
			continue
		case kindFailure:
			out.Failures = append(out.Failures, r.entry())
			continue
		case kindDeleted:
			out.Deleted = append(out.Deleted, r.entry())
			continue
		}
		if r.Found, err = parseFound(found); err != nil {
			return out, fmt.Errorf("history row %s: %w", r.ID, err)
		}
		if len(out.Records) == cap(out.Records) { // rows are large, so moving them is what reading many costs
			out.Records = slices.Grow(out.Records, 3*len(out.Records)+64)
		}
		out.Records = append(out.Records, r)
	}
	return out, rows.Err()
}

// entry is the log's entry that has travelled as a row.
func (r Record) entry() LogEntry {
	return LogEntry{
		Seq: r.Seq, ID: r.ID, Outcome: Outcome(r.State), Action: Action(r.Raw), Code: r.Tokens, Batch: r.Batch, Message: r.Target,
		Attempt: r.Attempt, At: r.AppliedAt, Elapsed: r.Elapsed, AppliedBy: r.AppliedBy, Tool: r.Tool, Reason: r.AppVersion,
	}
}

// Log reads the newest limit entries (0: all), newest first. A missing log is
// empty.
func (s *Store) Log(ctx context.Context, db bun.IDB, limit int) ([]LogEntry, error) {
	tail := ""
	if limit > 0 {
		tail = fmt.Sprintf(" LIMIT %d", limit)
	}
	return s.readLog(ctx, db, " ORDER BY seq DESC"+tail)
}

func (s *Store) readLog(ctx context.Context, db bun.IDB, tail string) ([]LogEntry, error) {
	table := s.logTable()
	exprs := columnNames(table)
	for i, n := range exprs {
		exprs[i] = s.d.Quote(n)
	}
	out, err := s.scanLog(ctx, db, strings.Join(exprs, ", ")+" FROM "+s.logs+tail)
	switch s.d.Classify(err).Class {
	case dialect.NoTable:
		return nil, nil
	case dialect.NoColumn:
		if exprs, err = s.present(ctx, db, table); err != nil {
			return nil, err
		}
		return s.scanLog(ctx, db, strings.Join(exprs, ", ")+" FROM "+s.logs+tail)
	}
	return out, err
}

func (s *Store) scanLog(ctx context.Context, db bun.IDB, selection string) ([]LogEntry, error) {
	rows, err := db.QueryContext(ctx, "SELECT "+selection)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []LogEntry
	for rows.Next() {
		var e LogEntry
		var ms int64
		at := instant{&e.At}
		if err := rows.Scan(&e.Seq, &e.ID, &e.Attempt, &e.Action, &e.Outcome, at, &ms, &e.Code, &e.Message, &e.Reason, &e.Batch, &e.AppliedBy, &e.Tool); err != nil {
			return nil, err
		}
		e.Elapsed = time.Duration(ms) * time.Millisecond
		out = append(out, e)
	}
	return out, rows.Err()
}

// instant scans a time as any driver hands it over: a time, or SQLite's text.
type instant struct{ t *time.Time }

var instantLayouts = []string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999", "2006-01-02 15:04:05.999999999-07:00", "2006-01-02T15:04:05.999999999"}

// Scan implements sql.Scanner.
func (i instant) Scan(src any) error {
	var text string
	switch v := src.(type) {
	case nil:
		return nil
	case time.Time:
		*i.t = v.UTC()
		return nil
	case string:
		text = v
	case []byte:
		text = string(v)
	default:
		return fmt.Errorf("history: a time is stored as %T", src)
	}
	for _, layout := range instantLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			*i.t = t.UTC()
			return nil
		}
	}
	return fmt.Errorf("history: %q is not a time", text)
}

func parseFound(text string) ([]string, error) {
	if text == "" {
		return nil, nil
	}
	var found []string
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		return nil, fmt.Errorf("the list of found objects is not JSON: %w", err)
	}
	return found, nil
}

func formatFound(found []string) string {
	if len(found) == 0 {
		return ""
	}
	b, err := json.Marshal(slices.Compact(slices.Sorted(slices.Values(found))))
	if err != nil {
		panic("history: a list of strings is not JSON: " + err.Error())
	}
	return string(b)
}
