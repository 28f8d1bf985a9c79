package migrate_test

import "github.com/leavendb/leaven/framework/internal/pgproxy"

// through starts a proxy before the site's server; decide is asked about every
// message (nil: all pass).
func (s *site) through(decide func(pgproxy.Message) pgproxy.Fate) *pgproxy.Proxy {
	s.Helper()
	return pgproxy.New(s, s.url, decide)
}
