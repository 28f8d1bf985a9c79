package history

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"github.com/uptrace/bun"
)

// Brief is what of a row tells whether anything is to be done.
type Brief struct {
	Seq   int64
	ID    string
	State State
	Raw   string
}

// Applied reads what is needed to know that nothing is to be done, of every row,
// in no particular order. It is one statement, takes no lock and writes nothing.
// A missing table is an empty history (exists is false).
//
// The rows travel as one text: thousands of them cost drivers and database/sql
// more than the server.
func (s *Store) Applied(ctx context.Context, db bun.IDB) (rows []Brief, exists bool, err error) {
	var n int
	var text sql.NullString // of no rows: NULL
	err = db.QueryRowContext(ctx, "SELECT count(*), string_agg(seq || '\t' || CASE state WHEN "+s.literal(string(Applied))+
		" THEN '' ELSE state END || '\t' || raw || '\t' || id, '\n') FROM "+s.states).Scan(&n, &text)
	if err != nil {
		return nil, s.exists(err), s.unlessMissing(err)
	}
	rows = make([]Brief, 0, n)
	for line := range strings.SplitSeq(text.String, "\n") {
		if n == 0 {
			break
		}
		r, ok := parseBrief(line)
		if !ok {
			return nil, true, fmt.Errorf("%s has a row that cannot be read: %q", s.Name(), line)
		}
		rows = append(rows, r)
	}
	return rows, true, nil
}

func parseBrief(line string) (r Brief, ok bool) {
	seq, rest, _ := strings.Cut(line, "\t")
	state, rest, _ := strings.Cut(rest, "\t")
	if r.Raw, r.ID, ok = strings.Cut(rest, "\t"); !ok {
		return r, false
	}
	if r.State = State(state); state == "" {
		r.State = Applied
	}
	var err error
	r.Seq, err = strconv.ParseInt(seq, 10, 64)
	return r, err == nil
}
