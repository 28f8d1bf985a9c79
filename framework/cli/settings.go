package cli

import (
	"os"

	"github.com/leavendb/leaven/framework/dialect"
)

// locate finds out where the database is, once.
func (c *call) locate() error {
	if c.link.Shown != "" {
		return nil
	}
	l := link{URL: c.shared.databaseURL, From: "--database-url"}
	for _, name := range []string{"MIGRATE_DATABASE_URL", "DATABASE_URL"} {
		if l.URL == "" {
			l = link{URL: c.env(name), From: name}
		}
	}
	if l.URL == "" {
		l = link{URL: "sqlite:./data/app.db", Embedded: true}
	}
	l.Shown = redacted(l)
	c.link = l
	return nil
}

func redacted(l link) string {
	if _, o, err := openerFor(l); err == nil {
		return o.Redact(l.URL)
	}
	return "an address that is not understood"
}

var _ = dialect.All
var _ = os.Getenv
