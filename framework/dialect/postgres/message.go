package postgres

import (
	"database/sql"
	"encoding/binary"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// beginnings are the commands by which pgdriver begins a transaction, with the
// number of statements in each.
var beginnings = func() map[string]int {
	all := map[string]int{"BEGIN": 1, "BEGIN READ ONLY": 1}
	for _, level := range []sql.IsolationLevel{sql.LevelReadUncommitted, sql.LevelReadCommitted, sql.LevelRepeatableRead, sql.LevelSerializable} {
		set := "BEGIN; SET TRANSACTION ISOLATION LEVEL " + level.String()
		all[set], all[set+" READ ONLY"] = 2, 2
	}
	return all
}()

// isEnd tells that query is how pgdriver ends a transaction.
func isEnd(query []byte) bool { return string(query) == commit || string(query) == "ROLLBACK" }

// commit is how pgdriver commits; andCommit ends a query of ours that commits too.
const (
	commit    = "COMMIT"
	andCommit = "; " + commit
)

// queryText returns the text of p if p is exactly one simple query.
func queryText(p []byte) ([]byte, bool) {
	if len(p) < 6 || p[0] != 'Q' || int(binary.BigEndian.Uint32(p[1:])) != len(p)-1 || p[len(p)-1] != 0 {
		return nil, false
	}
	return p[5 : len(p)-1], true
}

// message frames a body.
func message(kind byte, body []byte) []byte {
	m := binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(body)+4))
	return append(m, body...)
}

// moveBack returns an ErrorResponse whose position does not count the characters
// that we have put in front of the query.
func moveBack(m []byte, prefix int) []byte {
	fields := strings.Split(string(m[5:]), "\x00")
	for i, f := range fields {
		if !strings.HasPrefix(f, "P") {
			continue
		}
		if n, err := strconv.Atoi(f[1:]); err == nil && n > prefix {
			fields[i] = "P" + strconv.Itoa(n-prefix)
		}
	}
	return message(m[0], []byte(strings.Join(fields, "\x00")))
}

// isFatal tells that an ErrorResponse ends the session. V is the severity in
// English, whatever language the messages are in.
func isFatal(m []byte) bool {
	for f := range strings.SplitSeq(string(m[5:]), "\x00") {
		if f == "VFATAL" || f == "VPANIC" {
			return true
		}
	}
	return false
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
