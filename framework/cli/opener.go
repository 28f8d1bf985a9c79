package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/internal/pattern"
)

// openerFor finds the dialect for an address: by its scheme, or by its form
// where that needs none.
func openerFor(l link) (dialect.Dialect, dialect.Opener, error) {
	if d, o, ok := dialect.OpenerFor(l.URL); ok {
		return d, o, nil
	}
	var known []string
	for _, d := range dialect.All() {
		if o, ok := d.(dialect.Opener); ok {
			known = append(known, o.Schemes()...)
		}
	}
	return nil, nil, unknownAddress(l, known)
}

var (
	// aPath is a text that can only be the path of a file, and holds no secret.
	aPath = pattern.Lazy(`^[\w./-]+\.(db|db3|sqlite|sqlite3)$`)
	// ofAnother are the schemes by which other tools name what we know: SQLAlchemy's
	// drivers, JDBC's prefix.
	ofAnother = pattern.Lazy(`^(?:jdbc:)?(postgres|postgresql|sqlite)(?:\+\w+)?:`)
	aScheme   = pattern.Lazy(`^[a-z][a-z0-9.]{1,20}$`)
)

// unknownAddress refuses an address that no dialect understands, and says what
// may have been meant. It shows of the address what cannot be a secret.
func unknownAddress(l link, known []string) error {
	scheme, _, hasScheme := strings.Cut(l.URL, ":")
	scheme = strings.ToLower(scheme)
	in := l.setting()
	if aPath().MatchString(l.URL) && slices.Contains(known, "sqlite") {
		return misuse("the address in "+in+" is a path, not a URL", "for the SQLite database in that file, write: "+in+"=sqlite:"+l.URL)
	}
	next := "import a dialect in cmd/migrate/main.go, for example _ \"github.com/leavendb/leaven/framework/dialect/postgres\""
	if len(known) > 0 {
		next = "use one of: " + strings.Join(known, ":, ") + ":"
	}
	if !hasScheme {
		if info, err := os.Stat(l.URL); err == nil && !info.IsDir() && slices.Contains(known, "sqlite") {
			return misuse("the address in "+in+" is a path, not a URL", "for a SQLite database in a file, write sqlite: before its path")
		}
		return misuse(fmt.Sprintf("the address in %s has no scheme", in), next)
	}
	if m := ofAnother().FindStringSubmatch(strings.ToLower(l.URL)); m != nil && slices.Contains(known, m[1]) {
		return misuse(fmt.Sprintf("the address in %s is written for another tool", in), "begin it with "+m[1]+": and nothing before or after that word")
	}
	if !aScheme().MatchString(scheme) { // it may be a user, or a piece of a password
		return misuse(fmt.Sprintf("the address in %s begins with no scheme", in), next)
	}
	if near := nearest(scheme, known); near != "" {
		next = "did you mean: " + near + ":"
	}
	return misuse(fmt.Sprintf("the address in %s begins with %q, which no dialect of this program understands", in, scheme+":"), next)
}
