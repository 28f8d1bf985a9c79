package postgres

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"
)

func TestParseURL(t *testing.T) {
	me := systemUser()
	for _, tt := range []struct {
		url      string
		hosts    string
		user     string
		password string
		database string
	}{
		{"postgres://u:p@h:5433/d", "h:5433", "u", "p", "d"},
		{"postgresql://u@h/d", "h:5432", "u", "", "d"},
		{"POSTGRES://u@h", "h:5432", "u", "", "u"},
		{"postgres://h/d", "h:5432", me, "", "d"},
		{"postgres://u:p@a:1,b:2,c/d", "a:1,b:2,c:5432", "u", "p", "d"},
		{"postgres://u@a,b:7/d", "a:5432,b:7", "u", "", "d"},
		{"postgres://u@[::1]:5433/d", "[::1]:5433", "u", "", "d"},
		{"postgres://u@[fe80::1],h:2/d", "[fe80::1]:5432,h:2", "u", "", "d"},
		{"postgres://u:%40%3A%2F%3F%25%23@h/d", "h:5432", "u", "@:/?%#", "d"},
		{"postgres://u:a?b#c:d@h/d", "h:5432", "u", "a?b#c:d", "d"},
		{"postgres://u:a+b@h/d", "h:5432", "u", "a+b", "d"},
		{"postgres://%2Fvar%2Frun%2Fpg:6543/d?user=u", "/var/run/pg:6543", "u", "", "d"},
		{"postgres:///d?host=/run/pg&user=u", "/run/pg:5432", "u", "", "d"},
		{"postgres://u:p@/d?host=/run/pg&port=6", "/run/pg:6", "u", "p", "d"},
		{"postgres://x/y?host=a,b&port=1,2&user=u&password=p&dbname=d", "a:1,b:2", "u", "p", "d"},
		{"postgres://u@h/d%20%2F?sslmode=disable", "h:5432", "u", "", "d /"},
		{"postgres://u@h:5432?dbname=d", "h:5432", "u", "", "d"},
		{"postgres://me%40tenant:p@h/d", "h:5432", "me@tenant", "p", "d"},
		{"postgres://u@h/d?pool_max_conns=4&read_timeout=0", "h:5432", "u", "", "d"},
		{"host=a,b port=1 user=u password=p dbname=d", "a:1,b:1", "u", "p", "d"},
		{`host = h  user='a b' password='it\'s \\ =' dbname=d`, "h:5432", "a b", `it's \ =`, "d"},
		{`user=u password=a\ b host=h`, "h:5432", "u", "a b", "u"},
		{"host=n hostaddr=10.0.0.1 user=u dbname=d", "n:5432", "u", "", "d"},
		{"hostaddr=10.0.0.1,10.0.0.2 port=1,2 user=u dbname=d", "10.0.0.1:1,10.0.0.2:2", "u", "", "d"},
		{"host=@abstract user=u", "@abstract:5432", "u", "", "u"},
	} {
		t.Run(tt.url, func(t *testing.T) {
			c, err := ParseURL(tt.url)
			if err != nil {
				t.Fatal(err)
			}
			got := []string{hosts(c), c.User, c.Password.Reveal(), c.Database}
			if d := cmp.Diff([]string{tt.hosts, tt.user, tt.password, tt.database}, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func hosts(c Config) string {
	var names []string
	for _, h := range c.Hosts {
		names = append(names, h.String())
	}
	return strings.Join(names, ",")
}

func TestParseURLDefaults(t *testing.T) {
	c, err := ParseURL("postgres://u@h/d")
	if err != nil {
		t.Fatal(err)
	}
	if c.SSLMode != "prefer" || c.Target != "any" || c.ConnectTimeout != 10*time.Second || !c.KeepAlive.Enable || c.Application != "leaven" || c.Shuffle {
		t.Errorf("%+v", c)
	}
}

func TestParseURLParameters(t *testing.T) {
	c, err := ParseURL("postgres://u@h/d?application_name=a&connect_timeout=3&keepalives_idle=7&keepalives_count=0&keepalives=1" +
		"&target_session_attrs=read-write&load_balance_hosts=random&sslmode=disable" +
		"&options=-c%20geqo%3Doff&search_path=a,b&TimeZone=UTC&app.tenant=x&DateStyle=German&client_encoding=LATIN1")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"options": "-c geqo=off", "search_path": "a,b", "TimeZone": "UTC", "app.tenant": "x",
		"DateStyle": "ISO, MDY", "client_encoding": "UTF8", "standard_conforming_strings": "on",
	}
	if d := cmp.Diff(want, c.Startup); d != "" {
		t.Error(d)
	}
	if c.Application != "a" || c.ConnectTimeout != 3*time.Second || c.KeepAlive.Idle != 7*time.Second || c.KeepAlive.Count != -1 ||
		c.Target != "read-write" || !c.Shuffle || c.SSLMode != "disable" {
		t.Errorf("%+v", c)
	}
	if c, err = ParseURL("postgres://u@h/d?ssl=true&connect_timeout=0"); err != nil || c.SSLMode != "require" || c.ConnectTimeout != 0 {
		t.Errorf("%+v %v", c, err)
	}
}

func TestParseURLRefuses(t *testing.T) {
	for _, tt := range []struct{ url, parameter, says string }{
		{"", "", "expected postgres://"},
		{"hunter2", "", "expected postgres://"},
		{"mysql://u:hunter2@h/d?a=b", "", "expected postgres://"},
		{"postgres://u:hunter2", "port", "1 to 65535"},
		{"postgres://u:hunter2@h:x/d", "port", "1 to 65535"},
		{"postgres://u:hunter2@h:0/d", "port", "1 to 65535"},
		{"postgres://u:hunter2@h:65536/d", "port", "1 to 65535"},
		{"postgres://u:hunt@er2@h/d", "", "%40"},
		{"postgres://u:hunt/er2@h/d", "", "%2F"},
		{"postgres://u:1/hunter2@h/d", "", "%2F"},
		{"postgres://u:hunter2%@h/d", "", "%25"},
		{"postgres://u:hunter2%zz@h/d", "", "%25"},
		{"postgres://u:hunter2%00@h/d", "", "other than 00"},
		{"postgres://u:hunter2@[::1/d", "", "IPv6"},
		{"postgres://u:hunter2@[::1]x/d", "", "IPv6"},
		{"postgres://u:hunter2@h/d?sslmode", "", "has no"},
		{"postgres://u:hunter2@h/d?sslmode=requre", "sslmode", "must be one of disable"},
		{"postgres://u:hunter2@h/d?sslmod=require", "sslmod", "unknown parameter"},
		{"postgres://u:hunter2@h/d?schema=app", "schema", "options=-c"},
		{"postgres://u:1/a?hunter2=x@h/d", "", "percent"},
		{"postgres://u:1?:hunter2:/@1@h://x?=", "", "percent"},
		{"postgres://u:hunter2@h/d?target_session_attrs=rw", "target_session_attrs", "read-write"},
		{"postgres://u:hunter2@h/d?connect_timeout=5s", "connect_timeout", "whole number"},
		{"postgres://u:hunter2@a,b,c/d?port=1,2", "port", "as many"},
		{"postgres://u:hunter2@a/d?hostaddr=b", "hostaddr", "numeric"},
		{"postgres://u:hunter2@a,b,c/d?hostaddr=1.1.1.1,1.1.1.2", "hostaddr", "as many"},
		{"postgres://u:hunter2@h/d?sslmode=verify-full&sslrootcert=/none", "sslrootcert", "no such file"},
		{"postgres://u:hunter2@h/d?sslmode=require&sslrootcert=/dev/null", "sslmode", ""},
		{"postgres://u:hunter2@h/d?sslmode=require&sslcert=/none", "sslkey", "missing"},
		{"postgres://u:hunter2@h/d?sslmode=require&sslcert=/none&sslkey=/none", "sslcert", "no such file"},
		{"postgres://u:hunter2@h/d?sslmode=require&sslrootcert=system", "sslmode", "verify-full"},
		{"postgres://u:hunter2@h/d?sslnegotiation=direct", "sslnegotiation", "stronger"},
		{"postgres://u:hunter2@h/d?ssl_min_protocol_version=3", "ssl_min_protocol_version", "TLSv1.2"},
		{"postgres://u:hunter2@h/d?channel_binding=sure", "channel_binding", "must be one of disable, prefer, require"},
		{"postgres://u:hunter2@h/d?gssencmode=require", "gssencmode", "not supported"},
		{"postgres://u:hunter2@h/d?channel_binding=require&sslmode=disable", "channel_binding", "needs TLS"},
		{"postgres://u:hunter2@h/d?replication=database", "replication", "migrations"},
		{"postgres://u:hunter2@h/d?sslpassword=hunter2", "sslpassword", "decrypt"},
		{"host=h password=hunter2 nope", "", "single quotes"},
		{"host=h password=hun ter2=x", "", "single quotes"},
		{"host=h password='hunter2", "", "has no end"},
		{"host=h password=hunter2 port=x", "port", "65535"},
		{"host=h nope=hunter2", "nope", "unknown"},
		{"host=h nope=\x00hunter2", "", "zero byte"},
	} {
		t.Run(tt.url, func(t *testing.T) {
			c, err := ParseURL(tt.url)
			if tt.says == "" {
				// A root certificate that is no certificate.
				tt.parameter, tt.says = "sslrootcert", "no PEM"
			}
			var u *URLError
			if !errors.As(err, &u) {
				t.Fatalf("%+v %v", c, err)
			}
			if u.Parameter != tt.parameter || !strings.Contains(percentName(u.Problem), tt.says) {
				t.Errorf("%q, want %s about %s", err, tt.says, tt.parameter)
			}
			for _, text := range []string{err.Error(), Redact(tt.url)} {
				if strings.Contains(text, "hunt") || strings.Contains(text, "er2") {
					t.Errorf("the password is told: %s", text)
				}
			}
		})
	}
}

// percentName lets a table say "percent" for the help on percent encoding.
func percentName(s string) string { return strings.ReplaceAll(s, percentHelp, percentHelp+" percent") }

func TestRedact(t *testing.T) {
	for _, tt := range []struct{ url, want string }{
		{"postgres://u:p@h:1/d?sslmode=disable", "postgres://u:xxxxx@h:1/d?sslmode=disable"},
		{"postgres://u@h/d", "postgres://u@h/d"},
		{"postgres://h/d?password=secret&user=u", "postgres://h/d?password=xxxxx&user=u"},
		{"postgres://h/d?pass%77ord=secret&user=u", "postgres://h/d?pass%77ord=xxxxx&user=u"},
		{"postgres://h/d?pasword=secret&user=u", "postgres://h/d?pasword=xxxxx&user=u"},
		{"postgres://u:p%40q@a,b:2/d", "postgres://u:xxxxx@a,b:2/d"},
		{"postgres://u:p@q@h/d", "postgres://xxxxx@h/d"},
		{"postgres://u:p/q@h/d?x=secret", "postgres://xxxxx@h/d"},
		{"postgres://u:p", "postgres://xxxxx"},
		{"mysql://root:secret@h:3306/d", "mysql://xxxxx@h:3306/d"},
		{"host=h password=secret dbname=d", "host=h password=xxxxx dbname=d"},
		{"host=h password = 'a b' dbname=d", "host=h password = xxxxx dbname=d"},
		{"host=h password=a b=c dbname=d", "xxxxx"},
		{"host=h password='a b", "xxxxx"},
		{"secret", "xxxxx"},
		{"", "xxxxx"},
	} {
		if got := Redact(tt.url); got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.url, got, tt.want)
		}
	}
}

func TestConfigShowsNoPassword(t *testing.T) {
	c, err := ParseURL("postgres://u:hunter2@h/d")
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "config", c, "password", c.Password)
	text, _ := c.Password.MarshalText()
	for _, s := range []string{fmt.Sprint(c), fmt.Sprintf("%v %+v %#v %s %q", c, c, c, c, c.Password), log.String(), string(text), (&c).String()} {
		if strings.Contains(s, "hunter2") {
			t.Error(s)
		}
	}
	if c.Password.Reveal() != "hunter2" || Secret("").String() != "" {
		t.Error("a secret can be revealed, and an empty one is empty")
	}
}

// FuzzParseURL holds three laws: nothing panics; what pgconn accepts and we
// accept means the same; no message shows the password, raw or encoded.
func FuzzParseURL(f *testing.F) {
	for _, s := range []string{
		"postgres://u:p@h:5433/d", "postgres://u:p@a:1,b:2/d?target_session_attrs=read-write", "postgres://[::1]:5/d?sslmode=disable",
		"host=a port=1 user=u password='x y' dbname=d", "postgres://%2Fvar%2Frun/d?user=u", "postgres://u:p/q@h/d", "postgres://", "=", "a=b",
		"postgres://u@h/?host=x&port=7&password=y", "postgres://@h", "postgres://:p@h", "postgres://h:1,:2/d",
	} {
		f.Add(s, "hunter2@:/?%#", uint8(0))
	}
	f.Add("h:5432/d?sslmode=disable", "correct horse", uint8(1))
	f.Add("h/d?nope=1", "a&b=c", uint8(2))
	f.Add("h:x/d", "'\\ x=y", uint8(3))
	f.Fuzz(func(t *testing.T, text, password string, form uint8) {
		_ = Redact(text)
		if c, err := ParseURL(text); err == nil {
			agree(t, text, c)
		}
		if len(password) < 6 || strings.Contains(text, password) || strings.Contains(masked, password) {
			return
		}
		encoded := url.QueryEscape(password)
		with := [...]string{
			"postgres://user:" + strings.ReplaceAll(encoded, "+", "%20") + "@" + text,
			"postgres://user:" + password + "@" + text,
			"postgres://host/db?password=" + encoded + "&" + text,
			"host=h password='" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(password) + "' " + text,
		}[form%4]
		c, err := ParseURL(with)
		shown := Redact(with) + fmt.Sprint(c)
		if err != nil {
			shown = Redact(with) + err.Error()
		}
		if form%4 == 1 {
			// A raw password is cut wherever the URL's own signs stand in it: what
			// comes after an "@" is a host to everybody.
			password, _, _ = strings.Cut(password, "@")
			if strings.Contains(text, password) || c.Hosts != nil && !strings.Contains(c.Password.Reveal(), password) {
				return
			}
		}
		if len(password) >= 6 && !harmless(password) && strings.Contains(shown, password) || len(encoded) >= 8 && encoded != password && strings.Contains(shown, encoded) {
			t.Errorf("%q shows the password %q: %s", with, password, shown)
		}
	})
}

// harmless tells that a fuzzed password is a word of our own messages.
func harmless(password string) bool {
	own := percentHelp + quoteHelp + fmt.Sprint(keywords) + "database URL: expected postgres://user:password@host:5432/database, or host=… dbname=… user=… on as xxxxx"
	return strings.Contains(own, password)
}

// agree compares with pgconn, where it accepts the text too.
func agree(t *testing.T, text string, c Config) {
	t.Helper()
	if strings.Contains(text, "service") || strings.Contains(text, "passfile") || strings.ContainsAny(text, "\n\r\t\v\f") {
		return
	}
	if n := schemeLength(text); text[:n] != strings.ToLower(text[:n]) || n > 0 && strings.Contains(text, " ") {
		return // to pgconn this is a DSN; and it takes raw spaces away where libpq does not
	}
	p, err := pgconn.ParseConfig(text)
	if err != nil {
		return
	}
	seen := map[string]bool{}
	var theirs []string
	add := func(host string, port uint16) {
		s := host + "|" + strconv.Itoa(int(port))
		if !seen[s] {
			theirs = append(theirs, s)
		}
		seen[s] = true
	}
	add(p.Host, p.Port)
	for _, f := range p.Fallbacks {
		add(f.Host, f.Port)
	}
	seen = map[string]bool{}
	var ours []string
	for _, h := range c.Hosts {
		if s := h.Name + "|" + strconv.Itoa(h.Port); !seen[s] {
			ours = append(ours, s)
			seen[s] = true
		}
	}
	if d := cmp.Diff(theirs, ours); d != "" && p.Host != "" && p.Host != "localhost" && !strings.HasPrefix(p.Host, "/") {
		t.Errorf("hosts of %q: %s", text, d)
	}
	database := p.Database
	if database == "" {
		database = p.User
	}
	if d := cmp.Diff([]string{p.User, p.Password, database}, []string{c.User, c.Password.Reveal(), c.Database}); d != "" && p.User != "" {
		t.Errorf("%q: %s", text, d)
	}
}
