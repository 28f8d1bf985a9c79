package postgres

import (
	"slices"
	"strings"
)

// variables are libpq's names for parameters of an address.
var variables = map[string]string{
	"host": "PGHOST", "hostaddr": "PGHOSTADDR", "port": "PGPORT", "dbname": "PGDATABASE", "user": "PGUSER",
	"password": "PGPASSWORD", "passfile": "PGPASSFILE", "service": "PGSERVICE", "servicefile": "PGSERVICEFILE",
	"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY", "sslcrl": "PGSSLCRL",
	"channel_binding": "PGCHANNELBINDING", "options": "PGOPTIONS", "connect_timeout": "PGCONNECT_TIMEOUT",
	"target_session_attrs": "PGTARGETSESSIONATTRS",
}

// Environ implements dialect.Environer, in order of the names. What cannot be read
// has none.
func (Dialect) Environ(address string) []string {
	spans, _ := scan(strings.TrimSpace(address))
	said := map[string]string{}
	for _, s := range spans {
		if name := variables[s.name]; name != "" && s.value != "" {
			said[name] = name + "=" + s.value
		}
	}
	var all []string
	for _, v := range said {
		all = append(all, v)
	}
	slices.Sort(all)
	return all
}
