package settings_test

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leavendb/leaven/framework/cli/settings"
	"github.com/leavendb/leaven/framework/dialect/postgres"
)

// world is an environment and a file system for a test.
type world struct {
	env   map[string]string
	files map[string]string
}

func (w world) source() settings.Source {
	return settings.Source{
		LookupEnv: func(name string) (string, bool) { v, ok := w.env[name]; return v, ok },
		ReadFile: func(path string) ([]byte, error) {
			if v, ok := w.files[path]; ok {
				return []byte(v), nil
			}
			return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
		},
	}
}

type env = map[string]string

func TestWhichDatabaseWins(t *testing.T) {
	all := env{
		"MIGRATE_DATABASE_URL": "postgres://m", "DIRECT_DATABASE_URL": "postgres://s", "DATABASE_URL": "postgres://d",
		"DB_HOST": "h", "DB_NAME": "n", "PGHOST": "p",
	}
	without := func(names ...string) env {
		left := maps.Clone(all)
		for _, n := range names {
			delete(left, n)
		}
		return left
	}
	for _, tt := range []struct {
		name  string
		flag  string
		env   env
		files env
		named []string // --env-file
		url   string
		from  string
	}{
		{name: "flag", flag: "sqlite:x", env: all, url: "sqlite:x", from: "from --database-url"},
		{name: "ours first", env: all, url: "postgres://m", from: "from MIGRATE_DATABASE_URL"},
		{name: "the server behind a pooler", env: without("MIGRATE_DATABASE_URL"), url: "postgres://s", from: "from DIRECT_DATABASE_URL"},
		{name: "DATABASE_URL", env: without("MIGRATE_DATABASE_URL", "DIRECT_DATABASE_URL"), url: "postgres://d", from: "from DATABASE_URL"},
		{name: "parts", env: without("MIGRATE_DATABASE_URL", "DIRECT_DATABASE_URL", "DATABASE_URL"), url: "postgres://h/n", from: "from DB_HOST, DB_NAME"},
		{name: "libpq", env: env{"PGHOST": "p"}, url: "postgres://p/", from: "from PGHOST"},
		{name: "nothing", url: settings.DefaultURL, from: "default"},
		{name: "nothing in development", env: env{"APP_ENV": "Dev"}, url: settings.DefaultURL, from: "default"},
		{name: "empty is unset", env: env{"DATABASE_URL": "", "DB_HOST": " "}, url: settings.DefaultURL, from: "default"},
		{name: "user alone names no database", env: env{"PGUSER": "u", "DB_USER": "u", "PGPASSWORD": "x"}, url: settings.DefaultURL, from: "default"},

		{name: "all parts", env: env{"DB_HOST": "h", "DB_PORT": "6", "DB_NAME": "n/m", "DB_USER": "a@b", "DB_PASSWORD": "p :/@%", "DB_SSLMODE": "require"},
			url: "postgres://a%40b:p%20%3A%2F%40%25@h:6/n%2Fm?sslmode=require", from: "from DB_HOST, DB_NAME"},
		{name: "socket", env: env{"DB_HOST": "/run/pg", "DB_NAME": "n"}, url: "postgres://%2Frun%2Fpg/n", from: "from DB_HOST, DB_NAME"},
		{name: "several hosts", env: env{"DB_HOST": "a, b,::1", "DB_PORT": "1,2,3", "DB_NAME": "n"}, url: "postgres://a:1,b:2,[::1]:3/n", from: "from DB_HOST, DB_NAME"},
		{name: "all of libpq", env: env{"PGDATABASE": "n", "PGPORT": "6", "PGUSER": "u", "PGPASSWORD": "p", "PGSSLMODE": "disable", "PGOPTIONS": "-c a.b=c", "PGTZ": "UTC"},
			url: "postgres://u:p@/n?port=6&sslmode=disable&options=-c%20a.b%3Dc&TimeZone=UTC", from: "from PGDATABASE"},

		{name: "file of the URL", env: env{"DATABASE_URL_FILE": "/s"}, files: env{"/s": "postgres://s\n"}, url: "postgres://s", from: "from DATABASE_URL_FILE"},
		{name: "file of our URL is stronger", env: env{"DATABASE_URL": "postgres://d", "MIGRATE_DATABASE_URL_FILE": "/s"}, files: env{"/s": "postgres://s\r\n"}, url: "postgres://s", from: "from MIGRATE_DATABASE_URL_FILE"},
		{name: "file of the direct URL is stronger", env: env{"DATABASE_URL": "postgres://d", "DIRECT_DATABASE_URL_FILE": "/s"}, files: env{"/s": "postgres://s\n"}, url: "postgres://s", from: "from DIRECT_DATABASE_URL_FILE"},
		{name: "file of our URL is stronger than the direct one", env: env{"DIRECT_DATABASE_URL": "postgres://d", "MIGRATE_DATABASE_URL_FILE": "/s"}, files: env{"/s": "postgres://s"}, url: "postgres://s", from: "from MIGRATE_DATABASE_URL_FILE"},
		{name: "file of a password", env: env{"DB_HOST": "h", "DB_NAME": "n", "DB_USER": "u", "DB_PASSWORD_FILE": "/s"}, files: env{"/s": " p \n"}, url: "postgres://u:%20p%20@h/n", from: "from DB_HOST, DB_NAME"},

		{name: "dotenv", files: env{".env": "# c\nexport DATABASE_URL=\"postgres://e\"\n"}, url: "postgres://e", from: "from DATABASE_URL in .env"},
		{name: "the direct URL in dotenv", files: env{".env": "DATABASE_URL=postgres://d\nDIRECT_DATABASE_URL=postgres://s"}, url: "postgres://s", from: "from DIRECT_DATABASE_URL in .env"},
		{name: "the environment is stronger than dotenv", env: env{"PGHOST": "p"}, files: env{".env": "DATABASE_URL=postgres://e"}, url: "postgres://p/", from: "from PGHOST"},
		{name: "dotenv with a password from outside", env: env{"DB_PASSWORD": "p"}, files: env{".env": "DB_HOST=h\nDB_NAME=n\nDB_USER=u"}, url: "postgres://u:p@h/n", from: "from DB_HOST, DB_NAME in .env"},
		{name: "named file instead of dotenv", named: []string{"a"}, files: env{"a": "PGHOST=a", ".env": "DATABASE_URL=postgres://e"}, url: "postgres://a/", from: "from PGHOST in a"},
		{name: "a later file is stronger", named: []string{"a", "b"}, files: env{"a": "DATABASE_URL=postgres://a", "b": "DATABASE_URL=postgres://b"}, url: "postgres://b", from: "from DATABASE_URL in b"},
		{name: "a named file also where guarded", env: env{"APP_ENV": "production"}, named: []string{"a"}, files: env{"a": "DATABASE_URL=postgres://a"}, url: "postgres://a", from: "from DATABASE_URL in a"},
		{name: "a named file keeps its quotes", named: []string{"a"}, files: env{"a": "\ufeffDATABASE_URL='x'\r\n\nHOME\n"}, url: "'x'", from: "from DATABASE_URL in a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			src := world{tt.env, tt.files}.source()
			src.DatabaseURL, src.EnvFiles = tt.flag, tt.named
			s, err := settings.Resolve(src)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff([]string{tt.url, tt.from}, []string{s.Database.URL.Reveal(), s.Database.From.String()}); d != "" {
				t.Error(d)
			}
			if s.Database.Embedded != (tt.from == "default") {
				t.Error("embedded means that nothing was set")
			}
			if strings.HasPrefix(tt.url, "postgres://") {
				if _, err := postgres.ParseURL(tt.url); err != nil {
					t.Error(err)
				}
			}
			if strings.Contains(fmt.Sprintf("%v %+v %#v", s, s, s), tt.url) {
				t.Error("the URL shows in formatted settings")
			}
		})
	}
}

func TestWhatIsRefused(t *testing.T) {
	for _, tt := range []struct {
		name  string
		env   env
		files env
		named []string
		says  string
	}{
		{"host without name", env{"DB_HOST": "h"}, nil, nil, "DB_NAME is missing: DB_HOST is set (from DB_HOST)"},
		{"name without host", env{"DB_NAME": "n"}, nil, nil, "DB_HOST is missing"},
		{"port", env{"DB_HOST": "h", "DB_NAME": "n", "DB_PORT": "canary"}, nil, nil, "DB_PORT is not a port"},
		{"libpq's port", env{"PGHOST": "h", "PGPORT": "0"}, nil, nil, "PGPORT is not a port"},
		{"nothing in production", env{"APP_ENV": "production"}, nil, nil, "no database is set"},
		{"nothing under a misspelt word", env{"APP_ENV": "devel"}, nil, nil, `APP_ENV is "devel", and the embedded SQLite is only for development, dev, local`},
		{"dotenv is not read in production", env{"APP_ENV": "prod"}, env{".env": "DATABASE_URL=postgres://canary"}, nil, "no database is set"},
		{"dotenv that wants production", nil, env{".env": "APP_ENV=production\nDATABASE_URL=postgres://canary"}, nil, ".env sets APP_ENV"},
		{"nothing and production in a named file", nil, env{"a": "APP_ENV=production"}, []string{"a"}, `APP_ENV is "production" in a, and`},
		{"both twins", env{"DATABASE_URL": "postgres://canary", "DATABASE_URL_FILE": "canary"}, nil, nil, "are both set"},
		{"both twins of the direct URL", env{"DIRECT_DATABASE_URL": "postgres://canary", "DIRECT_DATABASE_URL_FILE": "canary"}, nil, nil, "DIRECT_DATABASE_URL and DIRECT_DATABASE_URL_FILE are both set"},
		{"missing secret", env{"DATABASE_URL_FILE": "canary"}, nil, nil, "cannot be read: file does not exist"},
		{"missing password", env{"DB_HOST": "h", "DB_NAME": "n", "DB_PASSWORD_FILE": "canary"}, nil, nil, "DB_PASSWORD_FILE names cannot be read"},
		{"missing libpq password", env{"PGHOST": "h", "PGPASSWORD_FILE": "canary"}, nil, nil, "PGPASSWORD_FILE names cannot be read"},
		{"empty secret", env{"DATABASE_URL_FILE": "s"}, env{"s": "\n"}, nil, "is empty"},
		{"missing env file", nil, nil, []string{"nowhere"}, "the env file nowhere cannot be read"},
		{"broken env file", nil, env{"a": "X=1\nmy canary = x"}, []string{"a"}, "a:2 is not NAME=VALUE"},
		{"broken dotenv", nil, env{".env": "=canary"}, nil, ".env:1 is not NAME=VALUE"},
		{"no text", nil, env{"a": "\xff"}, []string{"a"}, "UTF-8"},
		{"log level", env{"LOG_LEVEL": "canary"}, nil, nil, "LOG_LEVEL has an unknown value"},
		{"log format", env{"LOG_FORMAT": "xml"}, nil, nil, "LOG_FORMAT has an unknown value"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			src := world{tt.env, tt.files}.source()
			src.EnvFiles = tt.named
			_, err := settings.Resolve(src)
			var e *settings.Error
			if !errors.As(err, &e) {
				t.Fatalf("%v", err)
			}
			if !strings.Contains(err.Error(), tt.says) || e.Next == "" {
				t.Errorf("%+v, want %s", e, tt.says)
			}
			if strings.Contains(err.Error()+e.Next, "canary") {
				t.Errorf("a value is told: %+v", e)
			}
		})
	}
}

func TestUnreadableDotEnvIsTold(t *testing.T) {
	src := world{}.source()
	src.ReadFile = func(path string) ([]byte, error) {
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission}
	}
	if _, err := settings.Resolve(src); err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Error(err)
	}
}

func TestOtherSettings(t *testing.T) {
	for _, tt := range []struct {
		env  env
		want string
	}{
		{nil, "development default false | info default | text default | false false"},
		{env{"APP_ENV": "Test", "LOG_LEVEL": "DEBUG", "LOG_FORMAT": "json", "NO_COLOR": "1", "CI": "true"},
			"test from APP_ENV false | debug from LOG_LEVEL | json from LOG_FORMAT | true true"},
		{env{"APP_ENV": "Staging", "DATABASE_URL": "x", "CI": "false"}, "staging from APP_ENV true | info default | text default | false false"},
	} {
		s, err := settings.Resolve(world{env: tt.env}.source())
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprintf("%s %s %t | %s %s | %s %s | %t %t", s.AppEnv.Text, s.AppEnv.From, s.Guarded,
			s.LogLevel.Text, s.LogLevel.From, s.LogFormat.Text, s.LogFormat.From, s.NoColor, s.CI)
		if got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
	if s, err := settings.Resolve(settings.Source{}); err != nil || !s.Database.Embedded {
		t.Error("the zero source has the default:", err)
	}
}

func TestGuarded(t *testing.T) {
	for word, want := range map[string]bool{
		"": false, "development": false, "DEV": false, "local": false, "test\n": false, "testing": false, "ci": false,
		"production": true, "prod": true, "staging": true, "stage": true, "developement": true, "x": true,
	} {
		if settings.Guarded(word) != want {
			t.Errorf("%q: want %t", word, want)
		}
	}
}

func TestSecretDoesNotShow(t *testing.T) {
	s := settings.Secret("canary")
	text, _ := s.MarshalText()
	if got := fmt.Sprintf("%s %v %q %#v %s", s, s, s, s, text); strings.Contains(got, "canary") {
		t.Error(got)
	}
	if settings.Secret("").String() != "" {
		t.Error("an empty secret is empty")
	}
}

func ExampleResolve() {
	environment := map[string]string{"DB_HOST": "db.example", "DB_NAME": "shop", "DB_USER": "app", "DB_PASSWORD": "hunter2"}
	s, err := settings.Resolve(settings.Source{
		LookupEnv: func(name string) (string, bool) { v, ok := environment[name]; return v, ok },
	})
	fmt.Println(s.Database.From, err)
	fmt.Println(s.Database.URL, s.Guarded)
	fmt.Println(s.Database.URL.Reveal())
	// Output:
	// from DB_HOST, DB_NAME <nil>
	// xxxxx false
	// postgres://app:hunter2@db.example/shop
}
