package settings

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// database finds out where the database is.
func (e *environment) database(flag string, s Settings) (Database, error) {
	named := e.named()
	if flag != "" {
		return Database{URL: Secret(flag), From: Provenance{Name: "--database-url"}, Overridden: provenances(named)}, nil
	}
	for i, n := range named {
		d, err := n.read(n.layer)
		if err != nil {
			return Database{}, err
		}
		if d.URL != "" {
			d.Overridden = provenances(named[i+1:])
			return d, nil
		}
	}
	if s.Guarded {
		in := ""
		if s.AppEnv.From.File != "" {
			in = " in " + s.AppEnv.From.File
		}
		return Database{}, &Error{
			What: "no database is set",
			Why:  fmt.Sprintf("APP_ENV is %q%s, and the embedded SQLite is only for %s", s.AppEnv.Text, in, strings.Join(free, ", ")),
			Next: "set DATABASE_URL, or DB_HOST, DB_NAME, DB_USER and DB_PASSWORD",
		}
	}
	return Database{URL: DefaultURL, Embedded: true}, nil
}

// candidate is a place that names a database.
type candidate struct {
	from  Provenance
	layer layer
	read  func(layer) (Database, error)
}

// named are all places that name a database, the strongest first.
func (e *environment) named() []candidate {
	var found []candidate
	for _, l := range e.layers {
		add := func(names []string, read func(layer) (Database, error)) {
			if set := l.set(names...); len(set) > 0 {
				found = append(found, candidate{Provenance{Name: strings.Join(set, ", "), File: l.file}, l, read})
			}
		}
		for _, name := range []string{"MIGRATE_DATABASE_URL", "DIRECT_DATABASE_URL", "DATABASE_URL"} {
			add([]string{name, name + fileSuffix}, e.byURL(name))
		}
		add([]string{"DB_HOST", "DB_NAME"}, e.byParts)
		add(libpqNaming(), e.byLibpq)
	}
	return found
}

func provenances(named []candidate) []Provenance {
	var from []Provenance
	for _, n := range named {
		from = append(from, n.from)
	}
	return from
}

func (e *environment) byURL(name string) func(layer) (Database, error) {
	return func(l layer) (Database, error) {
		v, from, err := e.secret(l, name)
		return Database{URL: Secret(strings.TrimSpace(v)), From: from}, err
	}
}

// byParts reads DB_HOST and its kin. The layer that has one of the two names
// decides; what goes with them may stand in any layer, such as the password in
// the environment and the rest in a file.
func (e *environment) byParts(l layer) (Database, error) {
	host, name := e.value("DB_HOST", ""), e.value("DB_NAME", "")
	for _, pair := range []struct {
		have, miss Value
		haveName   string
		missName   string
	}{{host, name, "DB_HOST", "DB_NAME"}, {name, host, "DB_NAME", "DB_HOST"}} {
		if pair.miss.Text == "" {
			return Database{}, &Error{
				What: pair.missName + " is missing",
				Why:  pair.haveName + " is set (" + pair.have.From.String() + ")",
				Next: "set " + pair.missName + " too, or DATABASE_URL instead",
			}
		}
	}
	port := e.value("DB_PORT", "")
	if err := checkPorts("DB_PORT", port.Text); err != nil {
		return Database{}, err
	}
	password, _, err := e.anySecret("DB_PASSWORD")
	if err != nil {
		return Database{}, err
	}
	p := map[string]string{
		"host": host.Text, "port": port.Text, "dbname": name.Text,
		"user": e.value("DB_USER", "").Text, "password": password, "sslmode": e.value("DB_SSLMODE", "").Text,
	}
	return Database{URL: Secret(compose(p)), From: Provenance{Name: "DB_HOST, DB_NAME", File: l.file}}, nil
}

func checkPorts(name, text string) error {
	for p := range strings.SplitSeq(text, ",") {
		if n, err := strconv.Atoi(strings.TrimSpace(p)); text != "" && (err != nil || n < 1 || n > 65535) {
			return &Error{What: name + " is not a port", Next: "set it to a number from 1 to 65535"}
		}
	}
	return nil
}

// libpq are the variables that say where libpq connects, and as which parameter
// of a URL each is known. The first ones, by themselves, name a database.
var libpq = []struct{ variable, parameter string }{
	{"PGHOST", "host"}, {"PGDATABASE", "dbname"}, {"PGHOSTADDR", "hostaddr"}, {"PGSERVICE", "service"},

	{"PGPORT", "port"}, {"PGUSER", "user"}, {"PGPASSWORD", "password"}, {"PGPASSFILE", "passfile"},
	{"PGSERVICEFILE", "servicefile"}, {"PGOPTIONS", "options"}, {"PGAPPNAME", "application_name"},
	{"PGCONNECT_TIMEOUT", "connect_timeout"}, {"PGTARGETSESSIONATTRS", "target_session_attrs"},
	{"PGLOADBALANCEHOSTS", "load_balance_hosts"}, {"PGCHANNELBINDING", "channel_binding"},
	{"PGSSLMODE", "sslmode"}, {"PGSSLROOTCERT", "sslrootcert"}, {"PGSSLCERT", "sslcert"}, {"PGSSLKEY", "sslkey"},
	{"PGSSLSNI", "sslsni"}, {"PGSSLNEGOTIATION", "sslnegotiation"},
	{"PGSSLMINPROTOCOLVERSION", "ssl_min_protocol_version"}, {"PGSSLMAXPROTOCOLVERSION", "ssl_max_protocol_version"},
	{"PGTZ", "TimeZone"},

	// What these ask for the dialect cannot do, and says so.
	{"PGSSLCRL", "sslcrl"}, {"PGSSLCRLDIR", "sslcrldir"}, {"PGREQUIREPEER", "requirepeer"},
	{"PGREQUIREAUTH", "require_auth"}, {"PGREQUIRESSL", "requiressl"}, {"PGGSSENCMODE", "gssencmode"},
}

const naming = 4 // so many of libpq name a database

func libpqNaming() []string {
	var names []string
	for _, v := range libpq[:naming] {
		names = append(names, v.variable)
	}
	return names
}

// Libpq returns what libpq's variables say, by the parameter of a URL which each
// stands for. As in libpq they hold for what a URL leaves open.
func (s Settings) Libpq() (map[string]Value, error) {
	if s.vars == nil {
		return nil, nil
	}
	return s.vars.libpq()
}

func (e *environment) libpq() (map[string]Value, error) {
	values := map[string]Value{}
	for _, v := range libpq {
		if v.parameter == "password" {
			continue
		}
		if value := e.value(v.variable, ""); value.Text != "" {
			values[v.parameter] = value
		}
	}
	if err := checkPorts("PGPORT", values["port"].Text); err != nil {
		return nil, err
	}
	password, from, err := e.anySecret("PGPASSWORD")
	if password != "" {
		values["password"] = Value{Text: password, From: from}
	}
	return values, err
}

// byLibpq reads PGHOST and its kin. A service of the service file is stronger
// than the other variables, so with one they are left to whoever reads it.
func (e *environment) byLibpq(l layer) (Database, error) {
	values, err := e.libpq()
	if err != nil {
		return Database{}, err
	}
	p := map[string]string{}
	for name, v := range values {
		if values["service"].Text == "" || strings.HasPrefix(name, "service") {
			p[name] = v.Text
		}
	}
	return Database{URL: Secret(compose(p)), From: Provenance{Name: strings.Join(l.set(libpqNaming()...), ", "), File: l.file}}, nil
}

// compose writes parameters as a URL that a person would write.
func compose(p map[string]string) string {
	var b strings.Builder
	b.WriteString("postgres://")
	if p["user"] != "" || p["password"] != "" {
		b.WriteString(escape(p["user"]))
		if p["password"] != "" {
			b.WriteString(":" + escape(p["password"]))
		}
		b.WriteString("@")
	}
	b.WriteString(address(p["host"], p["port"]))
	b.WriteString("/" + escape(p["dbname"]))
	separator := "?"
	rest := func(name, value string) {
		if value != "" {
			b.WriteString(separator + name + "=" + escape(value))
			separator = "&"
		}
	}
	if p["host"] == "" {
		rest("port", p["port"])
	}
	rest("sslmode", p["sslmode"])
	for _, v := range libpq {
		switch v.parameter {
		case "host", "port", "dbname", "user", "password", "sslmode":
		default:
			rest(v.parameter, p[v.parameter])
		}
	}
	return b.String()
}

// address pairs hosts and ports; one port holds for all hosts.
func address(hosts, ports string) string {
	if hosts == "" {
		return ""
	}
	names, numbers := strings.Split(hosts, ","), strings.Split(ports, ",")
	for i, name := range names {
		name = strings.TrimSpace(name)
		if strings.Contains(name, ":") && !strings.HasPrefix(name, "[") {
			names[i] = "[" + name + "]"
		} else if !strings.HasPrefix(name, "[") {
			names[i] = escape(name)
		}
		if n := strings.TrimSpace(numbers[min(i, len(numbers)-1)]); n != "" {
			names[i] += ":" + n
		}
	}
	return strings.Join(names, ",")
}

// escape is percent encoding that every reader of URLs undoes, with a space as
// %20.
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
