package postgres

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"

	"github.com/uptrace/bun"
)

// The names of scratch places end with twelve random characters and four that
// are computed of them, so that what somebody else called leaven_scratch_… is
// never taken for a leftover of ours.
const (
	scratchPrefix  = "leaven_scratch_"
	scratchPattern = "^leaven_scratch_[a-z2-7]{16}$"
	randomPart     = 12
)

func newScratchName() string {
	token := strings.ToLower(rand.Text()[:randomPart])
	return scratchPrefix + token + checkOf(token)
}

func checkOf(token string) string {
	sum := sha256.Sum256([]byte(scratchPrefix + token))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:4])
}

// isScratchName tells that a name can only be one of newScratchName.
func isScratchName(name string) bool {
	token, ours := strings.CutPrefix(name, scratchPrefix)
	return ours && len(token) == randomPart+4 && checkOf(token[:randomPart]) == token[randomPart:]
}

// abandonedQuery tells scratch databases that nobody is connected to: a living
// run keeps a connection to its own. Those of other owners cannot be removed.
const abandonedQuery = `SELECT d.datname FROM pg_database d
WHERE d.datname ~ '` + scratchPattern + `' AND d.datname <> current_database() AND pg_has_role(d.datdba, 'USAGE')
  AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid) ORDER BY 1`

// Sweep implements dialect.Scratcher. A run that connects while its database is
// being removed makes itself another one.
func (d Dialect) Sweep(ctx context.Context, db *bun.DB) ([]string, error) {
	found, err := live{db}.texts(ctx, abandonedQuery)
	if err != nil {
		return nil, err
	}
	var removed []string
	var problems []error
	for _, name := range found {
		if !isScratchName(name) {
			continue
		}
		// Not WITH (FORCE): the server refuses while somebody is connected.
		_, err := db.ExecContext(ctx, "DROP DATABASE IF EXISTS "+d.Quote(name))
		switch {
		case err == nil:
			removed = append(removed, name)
		case d.Classify(err).Code == "55006": // in use: its run has connected meanwhile
		default:
			problems = append(problems, fmt.Errorf("the scratch database %s of a run that died: %w", name, err))
		}
	}
	return removed, errors.Join(problems...)
}
