package cli

import (
	"errors"
	"os"
	"slices"

	"github.com/leavendb/leaven/framework/cli/settings"
)

// settings finds out what the command runs with, once.
func (c *call) settings() (settings.Settings, error) {
	if c.resolved {
		return c.set, c.setErr
	}
	c.resolved = true
	c.set, c.setErr = settings.Resolve(settings.Source{
		DatabaseURL: c.flagOrApp(), EnvFiles: c.shared.envFiles, LookupEnv: c.lookupEnv, ReadFile: os.ReadFile,
	})
	var e *settings.Error
	if errors.As(c.setErr, &e) {
		c.setErr = &refusal{code: codeUsage, what: e.What, why: lines(e.Why), next: lines(e.Next)}
	}
	return c.set, c.setErr
}

// openedByApp stands for the database that only the application knows.
const openedByApp = "application:"

// strongerThanApp are variables that are about migrating only, or about going
// around a pooler: who sets one means it, also where the application opens the
// database.
var strongerThanApp = []string{
	"MIGRATE_DATABASE_URL", "MIGRATE_DATABASE_URL_FILE", "DIRECT_DATABASE_URL", "DIRECT_DATABASE_URL_FILE",
}

// flagOrApp is the flag's value. Where the application opens the database and
// nobody overrides it, settings are not asked where it is.
func (c *call) flagOrApp() string {
	overridden := slices.ContainsFunc(strongerThanApp, func(name string) bool { return c.env(name) != "" })
	if c.shared.databaseURL != "" || c.app.Open == nil || overridden {
		return c.shared.databaseURL
	}
	return openedByApp
}

func (c *call) lookupEnv(name string) (string, bool) {
	v := c.env(name)
	return v, v != ""
}

// locate finds out where the database is.
func (c *call) locate() error {
	if c.link.Shown != "" {
		return nil
	}
	s, err := c.settings()
	if err != nil {
		return err
	}
	if s.Database.URL == openedByApp {
		c.link = link{Shown: "opened by the application"}
		return nil
	}
	l := link{URL: s.Database.URL.Reveal(), Embedded: s.Database.Embedded, From: s.Database.From.Name}
	if s.Database.From.File != "" {
		l.From += " in " + s.Database.From.File
	}
	c.link = l
	c.link.Shown = c.scrub(redacted(l))
	return nil
}

func redacted(l link) string {
	if _, o, err := openerFor(l); err == nil {
		return o.Redact(l.URL)
	}
	return "an address that is not understood"
}

// guarded reports whether APP_ENV names a place where data matters. It is known
// also where other settings are broken.
func (c *call) guarded() bool {
	if s, err := c.settings(); err == nil {
		return s.Guarded
	}
	return settings.Guarded(c.env("APP_ENV"))
}

// appEnv is the word of APP_ENV, for messages.
func (c *call) appEnv() string {
	if s, err := c.settings(); err == nil && s.AppEnv.From.Name != "" {
		return s.AppEnv.Text
	}
	return c.env("APP_ENV")
}
