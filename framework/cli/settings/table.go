package settings

import "strings"

// Setting describes one variable of the environment, or a family of them.
type Setting struct {
	Name    string // "DATABASE_URL"; a letter that varies is in capitals: "MIGRATE_FLAG"
	Group   string // what it is about; one of Groups
	Secret  bool   // its value is never shown, and it has a _FILE twin
	Meaning string
}

// The groups, in the order in which they are shown.
const (
	GroupDatabase = "Where the database is, the first that is set"
	GroupLibpq    = "What libpq reads, for what the address leaves open"
	GroupRun      = "How commands run"
	GroupOutput   = "Output"
)

// Groups are the groups of All in their order.
func Groups() []string { return []string{GroupDatabase, GroupLibpq, GroupRun, GroupOutput} }

// All returns every setting, in the order in which it is explained: what help
// prints and what the documentation must have.
func All() []Setting {
	all := []Setting{
		{"MIGRATE_DATABASE_URL", GroupDatabase, true, "the address for migrating, if it is not the application's"},
		{"DIRECT_DATABASE_URL", GroupDatabase, true, "the server's own address, where DATABASE_URL is that of a pooler"},
		{"DATABASE_URL", GroupDatabase, true, "the address: postgres://, postgresql://, sqlite:, file:, or host=... dbname=..."},
		{"DB_HOST", GroupDatabase, false, "with DB_NAME: the host, or several with commas between them"},
		{"DB_NAME", GroupDatabase, false, "with DB_HOST: the database"},
		{"DB_PORT", GroupDatabase, false, "with DB_HOST: the port, 5432 if it is not set"},
		{"DB_USER", GroupDatabase, false, "with DB_HOST: the user"},
		{"DB_PASSWORD", GroupDatabase, true, "with DB_HOST: the password"},
		{"DB_SSLMODE", GroupDatabase, false, "with DB_HOST: disable, allow, prefer, require, verify-ca, verify-full"},
	}
	for i, v := range libpq {
		s := Setting{Name: v.variable, Group: GroupLibpq, Secret: v.parameter == "password", Meaning: "as the parameter " + v.parameter + " of an address"}
		if i < naming {
			s.Meaning += "; names a database by itself"
		}
		all = append(all, s)
	}
	return append(all,
		Setting{"APP_ENV", GroupRun, false, "development, dev, local, test, testing and ci are free; every other word is guarded"},
		Setting{"MIGRATE_FLAG", GroupRun, false, "the flag of that name: MIGRATE_LOCK_WAIT=30s is --lock-wait 30s"},
		Setting{"LOG_LEVEL", GroupOutput, false, "debug, info, warn, error"},
		Setting{"LOG_FORMAT", GroupOutput, false, "text, or json: one object per event on standard error"},
		Setting{"NO_COLOR", GroupOutput, false, "set to anything: no colours"},
		Setting{"CI", GroupOutput, false, "set by CI systems: nothing is asked"},
	)
}

// Secrets returns the values of all settings that hold a secret, also of those
// that did not win: addresses with what is secret in them, and passwords by
// themselves. They are to be taken out of texts.
func (s Settings) Secrets() (addresses, passwords []string) {
	if s.vars == nil {
		return nil, nil
	}
	for _, l := range s.vars.layers {
		for _, setting := range All() {
			if !setting.Secret {
				continue
			}
			v, _, _ := s.vars.secret(l, setting.Name) // what cannot be read is in no text
			switch {
			case v == "":
			case strings.HasSuffix(setting.Name, "_URL"):
				addresses = append(addresses, v)
			default:
				passwords = append(passwords, v)
			}
		}
	}
	return addresses, passwords
}
