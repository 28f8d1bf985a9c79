package postgres

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"
)

// What a URL leaves open comes from libpq's variables, after the service file:
// where pgconn and we read the same environment, we mean the same.
func TestCompleteAgreesWithPgconn(t *testing.T) {
	services := write(t, "services", []byte("[mine]\nhost=svc\nport=7\nuser=suser\n[with]\npassword=spw\ndbname=sdb\n"))
	variables := map[string]string{
		"host": "PGHOST", "port": "PGPORT", "dbname": "PGDATABASE", "user": "PGUSER", "password": "PGPASSWORD", "sslmode": "PGSSLMODE",
		"service": "PGSERVICE", "servicefile": "PGSERVICEFILE", "target_session_attrs": "PGTARGETSESSIONATTRS", "application_name": "PGAPPNAME",
	}
	for _, name := range variables {
		if value, ok := os.LookupEnv(name); ok {
			t.Setenv(name, value) // put back at the end
			_ = os.Unsetenv(name)
		}
	}
	all := map[string]string{"host": "eh", "port": "6", "dbname": "ed", "user": "eu", "password": "e p'w\\&=%", "sslmode": "disable"}
	service := map[string]string{"service": "mine", "servicefile": services, "port": "6", "dbname": "ed", "sslmode": "disable"}
	for _, tt := range []struct {
		address string
		env     map[string]string
	}{
		{"postgres://", all},
		{"postgres://h/d", all},
		{"postgres://u:p@h:1/d?sslmode=allow", all},
		{"postgres:///?application_name=x", all},
		{"postgres://u:a%3Fb@h", all},
		{"postgres://h/d?", all},
		{"postgres://a,b:7/d", all},
		{"host=h", all},
		{`user='a b' password='it\'s'`, all},
		{"postgres://", service},
		{"postgres://u@/d", service},
		{"port=9", service},
		{"postgres://?service=with&servicefile=" + services, all},
		{"service=mine servicefile=" + services, all},
	} {
		t.Run(tt.address, func(t *testing.T) {
			for parameter, value := range tt.env {
				t.Setenv(variables[parameter], value)
			}
			completed, used := Dialect{}.Complete(tt.address, tt.env)
			c, err := ParseURL(completed)
			if err != nil {
				t.Fatalf("%s: %v", completed, err)
			}
			p, err := pgconn.ParseConfig(tt.address)
			if err != nil {
				t.Fatal(err)
			}
			theirs := []string{p.Host, p.User, p.Password, p.Database, p.RuntimeParams["application_name"]}
			ours := []string{c.Hosts[0].Name, c.User, c.Password.Reveal(), c.Database, c.Application}
			if ours[4] == defaultApplication {
				ours[4] = ""
			}
			if d := cmp.Diff(theirs, ours); d != "" || int(p.Port) != c.Hosts[0].Port {
				t.Errorf("%s with %q: ports %d and %d %s", completed, used, p.Port, c.Hosts[0].Port, d)
			}
			if encrypted := p.TLSConfig != nil; encrypted && c.SSLMode == "disable" {
				t.Errorf("sslmode %s", c.SSLMode)
			}
		})
	}
}

func TestCompleteLeavesAloneWhatItCannotRead(t *testing.T) {
	values := map[string]string{"password": "x", "sslmode": "disable", "user": ""}
	for _, address := range []string{"postgres://u:p@q@h/d", "host", "postgres://u:%zz@h"} {
		if got, used := (Dialect{}).Complete(address, values); got != address || used != nil {
			t.Errorf("%s became %s with %q", address, got, used)
		}
	}
	// The raw "?" belongs to the password, not to the URL.
	got, used := Dialect{}.Complete("postgres://u:a?b@h/d", map[string]string{"sslmode": "disable"})
	if got != "postgres://u:a?b@h/d?sslmode=disable" || len(used) != 1 {
		t.Error(got, used)
	}
}

func TestRecognises(t *testing.T) {
	for address, want := range map[string]bool{
		"host=h dbname=d": true, " user = u": true, "postgresql://h": true, "password='x'": true,
		"sqlite:x": false, "shop.db": false, "a=b": false, "": false, "sqlite:a?host=b": false,
	} {
		if got := (Dialect{}).Recognises(address); got != want {
			t.Errorf("%q: %t", address, got)
		}
	}
}

func TestSecretsAreFoundWhereverTheyStand(t *testing.T) {
	pass := write(t, "pass", []byte("*:*:*:*:from file\n"))
	for address, want := range map[string][]string{
		"postgres://u:p%40q@h/d":                         {"p@q"},
		"postgres://h/d?password=a%20b":                  {"a b"},
		`host=h password='it\'s'`:                        {"it's"},
		"host=h password=x sslpassword=y":                {"x", "y"},
		"postgres://u@h/d?passfile=" + pass:              {"from file"},
		"postgres://u:p@h:banana/d":                      {"p"},
		"postgres://u@h/d?passfile=/nowhere&user=nobody": {},
	} {
		if d := cmp.Diff(want, Dialect{}.Secrets(address)); d != "" {
			t.Errorf("%s: %s", address, d)
		}
	}
}

// FuzzComplete holds that what an address says itself stays, that what was added
// is read back as it was given, and that an address which cannot be read is left
// alone.
func FuzzComplete(f *testing.F) {
	for _, address := range []string{
		"postgres://u:p@h:1/d", "postgres://", "postgres://u:a?b@h/d", "postgres://h/d?", "postgres://h?sslmode=disable&", "host=h", "user='a b'", "postgres://u@h/d?password=", "x",
	} {
		f.Add(address, "hunter2 @:/?%#&='\\")
	}
	f.Fuzz(func(t *testing.T, address, password string) {
		before, err := ParseURL(address)
		completed, used := Dialect{}.Complete(address, map[string]string{"password": password, "application_name": "mine"})
		if err != nil || strings.ContainsRune(password, 0) {
			return
		}
		after, err := ParseURL(completed)
		if err != nil {
			t.Fatalf("%q became %q: %v", address, completed, err)
		}
		want := before
		for _, name := range used {
			if name == "password" {
				want.Password = Secret(password)
			} else {
				want.Application = "mine"
			}
		}
		if d := cmp.Diff([]string{want.String(), want.Password.Reveal(), want.Application}, []string{after.String(), after.Password.Reveal(), after.Application}); d != "" {
			t.Errorf("%q became %q with %q: %s", address, completed, used, d)
		}
	})
}
