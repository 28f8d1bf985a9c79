package history

import (
	"strconv"
	"strings"
	"time"
)

// The statements below are built, not executed: the runner hands them to the
// dialect's Claim and Settle, which add a condition to their WHERE and send them
// together with the lock.

// InsertRunning makes the rows of an attempt that is about to begin.
func (s *Store) InsertRunning(records []Record) string { return s.insert(records, Running) }

// InsertApplied makes rows of migrations that are recorded without being run.
func (s *Store) InsertApplied(records []Record) string { return s.insert(records, Applied) }

func (s *Store) insert(records []Record, state State) string {
	values := make([][]string, len(records))
	for i, r := range records {
		values[i] = []string{
			s.literal(r.ID), s.literal(string(state)), s.literal(r.Raw), s.literal(r.Tokens), strconv.FormatInt(r.Batch, 10),
			s.literal(r.Target), s.literal(r.Attempt), s.literal(r.AppliedBy), s.literal(r.Tool), s.literal(r.AppVersion), s.literal(r.AppCommit),
		}
	}
	return "INSERT INTO " + s.states + " (id, state, raw, tokens, batch, target, attempt, applied_by, tool, app_version, app_commit) " + from(values)
}

func row(values []string) string { return "(" + strings.Join(values, ", ") + ")" }

// from selects rows. VALUES has no limit: of SELECTs joined by UNION ALL SQLite
// takes 500, and PostgreSQL as many as its stack is deep. One row needs neither.
func from(rows [][]string) string {
	if len(rows) == 1 {
		return "SELECT " + strings.Join(rows[0], ", ") + " WHERE 1 = 1"
	}
	texts := make([]string, len(rows))
	for i, r := range rows {
		texts[i] = row(r)
	}
	return "SELECT * FROM (VALUES " + strings.Join(texts, ", ") + ") v WHERE 1 = 1"
}

// SetApplied turns the running rows of an attempt into applied ones. Each record
// gives its own duration and found objects.
func (s *Store) SetApplied(records []Record) string {
	update := "UPDATE " + s.states + " AS h SET state = " + s.literal(string(Applied)) + ", applied_at = " + s.d.ServerTime()
	where := " WHERE h.attempt = " + s.literal(records[0].Attempt) + " AND h.state = " + s.literal(string(Running))
	if len(records) == 1 {
		return update + ", elapsed_ms = " + millis(records[0].Elapsed) + ", found = " + s.literal(formatFound(records[0].Found)) +
			where + " AND h.id = " + s.literal(records[0].ID)
	}
	values := make([]string, len(records))
	for i, r := range records {
		values[i] = row([]string{s.literal(r.ID), millis(r.Elapsed), s.literal(formatFound(r.Found))})
	}
	return update + ", elapsed_ms = v.column2, found = v.column3 FROM (VALUES " + strings.Join(values, ", ") + ") v" + where + " AND h.id = v.column1"
}

// SetState gives rows, which must be in the state from, the state to and a new
// attempt.
func (s *Store) SetState(ids []string, from, to State, attempt string) string {
	return "UPDATE " + s.states + " SET state = " + s.literal(string(to)) + ", attempt = " + s.literal(attempt) +
		" WHERE " + s.idIn(ids) + " AND state = " + s.literal(string(from))
}

// DeleteReverting removes rows that an attempt has reverted.
func (s *Store) DeleteReverting(ids []string, attempt string) string {
	return "DELETE FROM " + s.states + " WHERE " + s.idIn(ids) + " AND attempt = " + s.literal(attempt) + " AND state = " + s.literal(string(Reverting))
}

// Delete removes rows, whatever their state is.
func (s *Store) Delete(ids []string) string {
	return "DELETE FROM " + s.states + " WHERE " + s.idIn(ids)
}

// SetChecksums records the checksums of a source anew.
func (s *Store) SetChecksums(id, raw, tokens string) string {
	return "UPDATE " + s.states + " SET raw = " + s.literal(raw) + ", tokens = " + s.literal(tokens) + " WHERE " + s.idIn([]string{id})
}

func (s *Store) idIn(ids []string) string {
	quoted := make([]string, len(ids))
	for i, id := range ids {
		quoted[i] = s.literal(id)
	}
	return "id IN (" + strings.Join(quoted, ", ") + ")"
}

// Append adds entries to the log.
func (s *Store) Append(entries []LogEntry) string {
	values := make([][]string, len(entries))
	for i, e := range entries {
		values[i] = []string{
			s.literal(e.ID), s.literal(e.Attempt), s.literal(string(e.Action)), s.literal(string(e.Outcome)), s.d.ServerTime(),
			millis(e.Elapsed), s.literal(e.Code), s.literal(e.Message), s.literal(e.Reason), strconv.FormatInt(e.Batch, 10),
			s.literal(e.AppliedBy), s.literal(e.Tool),
		}
	}
	return "INSERT INTO " + s.logs + " (id, attempt, action, outcome, at, elapsed_ms, code, message, reason, batch, applied_by, tool) " + from(values)
}

func millis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
