package settings

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// database finds out where the database is.
func (e *environment) database(flag string, s Settings) (Database, error) {
	if flag != "" {
		return Database{URL: Secret(flag), From: Provenance{Name: "--database-url"}}, nil
	}
	for _, l := range e.layers {
		for _, find := range []func(layer) (Database, error){
			e.byURL("MIGRATE_DATABASE_URL"), e.byURL("DIRECT_DATABASE_URL"), e.byURL("DATABASE_URL"), e.byParts, e.byLibpq,
		} {
			if d, err := find(l); d.URL != "" || err != nil {
				return d, err
			}
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
	_, hasHost := l.has("DB_HOST")
	_, hasName := l.has("DB_NAME")
	if !hasHost && !hasName {
		return Database{}, nil
	}
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
	password, err := e.anySecret("DB_PASSWORD")
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

	{"PGPORT", "port"}, {"PGUSER", "user"}, {"PGPASSFILE", "passfile"},
	{"PGSERVICEFILE", "servicefile"}, {"PGOPTIONS", "options"}, {"PGAPPNAME", "application_name"},
	{"PGCONNECT_TIMEOUT", "connect_timeout"}, {"PGTARGETSESSIONATTRS", "target_session_attrs"},
	{"PGLOADBALANCEHOSTS", "load_balance_hosts"}, {"PGCHANNELBINDING", "channel_binding"},
	{"PGSSLMODE", "sslmode"}, {"PGSSLROOTCERT", "sslrootcert"}, {"PGSSLCERT", "sslcert"}, {"PGSSLKEY", "sslkey"},
	{"PGSSLSNI", "sslsni"}, {"PGSSLNEGOTIATION", "sslnegotiation"},
	{"PGSSLMINPROTOCOLVERSION", "ssl_min_protocol_version"}, {"PGSSLMAXPROTOCOLVERSION", "ssl_max_protocol_version"},
	{"PGTZ", "TimeZone"},
}

const naming = 4 // so many of libpq name a database

// byLibpq reads PGHOST and its kin.
func (e *environment) byLibpq(l layer) (Database, error) {
	var found []string
	for _, v := range libpq[:naming] {
		if _, ok := l.has(v.variable); ok {
			found = append(found, v.variable)
		}
	}
	if len(found) == 0 {
		return Database{}, nil
	}
	p := map[string]string{}
	for _, v := range libpq {
		p[v.parameter] = e.value(v.variable, "").Text
	}
	if err := checkPorts("PGPORT", p["port"]); err != nil {
		return Database{}, err
	}
	var err error
	if p["password"], err = e.anySecret("PGPASSWORD"); err != nil {
		return Database{}, err
	}
	return Database{URL: Secret(compose(p)), From: Provenance{Name: strings.Join(found, ", "), File: l.file}}, nil
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
		case "host", "port", "dbname", "user", "sslmode":
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
