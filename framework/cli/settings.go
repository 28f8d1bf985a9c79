package cli

import (
	"errors"
	"os"
	"slices"

	"github.com/leavendb/leaven/framework/cli/settings"
	"github.com/leavendb/leaven/framework/dialect"
)

// settings finds out what the command runs with, once.
func (c *call) settings() (settings.Settings, error) {
	if c.resolved {
		return c.set, c.setErr
	}
	c.resolved = true
	c.set, c.setErr = settings.Resolve(settings.Source{
		DatabaseURL: c.flagOrApp(), EnvFiles: c.envFiles(), LookupEnv: c.lookupEnv, ReadFile: os.ReadFile,
	})
	c.setErr = refused(c.setErr)
	return c.set, c.setErr
}

// refused makes a refusal of what is wrong with settings; nil of nil.
func refused(err error) error {
	var e *settings.Error
	if errors.As(err, &e) {
		return &refusal{code: codeUsage, what: e.What, why: lines(e.Why), next: lines(e.Next)}
	}
	return err
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
	l := link{URL: s.Database.URL.Reveal(), Embedded: s.Database.Embedded, From: origin(s.Database.From)}
	if err := l.complete(s); err != nil {
		return refused(err)
	}
	c.link = l
	c.link.Shown = c.scrub(redacted(l))
	return nil
}

// origin names a setting, with the file that it stands in.
func origin(from settings.Provenance) string {
	if from.File != "" {
		return from.Name + " in " + from.File
	}
	return from.Name
}

// complete adds what libpq's variables say to an address that leaves it open.
func (l *link) complete(s settings.Settings) error {
	_, opener, _ := openerFor(*l) // what is wrong with the address is told when it is opened
	completer, ok := opener.(dialect.Completer)
	if !ok {
		return nil
	}
	values, err := s.Libpq()
	if err != nil {
		return err
	}
	texts := map[string]string{}
	for name, v := range values {
		texts[name] = v.Text
	}
	var used []string
	l.URL, used = completer.Complete(l.URL, texts)
	for _, name := range used {
		l.Added = append(l.Added, origin(values[name].From))
	}
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
	s, _ := c.settings()
	return s.Guarded
}

// appEnv is the word of APP_ENV, for messages; empty when it is not set.
func (c *call) appEnv() string {
	if s, _ := c.settings(); s.AppEnv.From.Name != "" {
		return s.AppEnv.Text
	}
	return ""
}
