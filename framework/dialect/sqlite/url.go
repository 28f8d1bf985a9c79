package sqlite

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// Location is what a database URL says.
type Location struct {
	Path   string     // of the file, as the operating system names it; empty: in memory
	Params url.Values // of the driver or of SQLite's own URIs: mode, cache, _txlock, _pragma, …
}

// InMemory reports whether the database lives in memory, in one connection.
func (l Location) InMemory() bool { return l.Path == "" || l.Params.Get("mode") == "memory" }

// ParseURL reads a database URL:
//
//	sqlite:data/app.db   sqlite:./app.db    beside the working directory
//	sqlite:/srv/app.db   sqlite:///srv/app.db
//	sqlite::memory:
//	file:…               the same, as SQLite's own URIs write it
//
// What follows the first "?" are parameters. In a path, "%" and two hexadecimal
// digits stand for one byte ("?" is %3F, "%" is %25); "#" and spaces may stand
// as they are. The file may have any extension.
func ParseURL(text string) (Location, error) {
	scheme, rest, found := strings.Cut(text, ":")
	if !found || !isScheme(scheme) {
		return Location{}, errors.New("database URL: expected sqlite:path/to/app.db, file:path/to/app.db or sqlite::memory: to keep nothing")
	}
	path, query, _ := strings.Cut(rest, "?")
	params, err := url.ParseQuery(query)
	if err != nil {
		return Location{}, errors.New(`database URL: the parameters after "?" are malformed; write them as name=value&name=value, "%" as %25 and ";" as %3B`)
	}
	if mode := params.Get("mode"); params.Has("mode") && !slices.Contains(modes, mode) {
		return Location{}, errors.New("database URL: mode: must be one of " + strings.Join(modes, ", "))
	}
	path, err = filePath(path)
	if err != nil {
		return Location{}, fmt.Errorf("database URL: %w", err)
	}
	return Location{Path: path, Params: params}, nil
}

// modes are SQLite's ways to open a file.
var modes = []string{"ro", "rw", "rwc", "memory"}

func isScheme(text string) bool {
	return strings.EqualFold(text, "sqlite") || strings.EqualFold(text, "file")
}

// filePath turns the URL's path into the system's.
func filePath(path string) (string, error) {
	if host, rest, found := strings.Cut(strings.TrimPrefix(path, "//"), "/"); strings.HasPrefix(path, "//") {
		switch {
		case !found: // sqlite://app.db
			path = host
		case host == "" || host == "localhost":
			path = "/" + rest
		default: // sqlite://data/app.db: no SQLite database has a host
			path = host + "/" + rest
		}
	}
	path, err := url.PathUnescape(path)
	switch {
	case err != nil:
		return "", errors.New(`a "%" in the path is not followed by two hexadecimal digits; write "%" as %25`)
	case path == "":
		return "", errors.New("it names no file; write sqlite:path/to/app.db, or sqlite::memory: for a database in memory")
	case strings.ContainsRune(path, 0):
		return "", errors.New("the path contains a NUL character")
	case !utf8.ValidString(path):
		return "", errors.New("the path is not valid UTF-8")
	case path == ":memory:":
		return "", nil
	}
	if filepath.Separator == '\\' && len(path) > 2 && path[0] == '/' && path[2] == ':' {
		path = path[1:] // file:///C:/app.db
	}
	return filepath.FromSlash(path), nil
}

// FileURL is the URL of the database in a file: what ParseURL reads as that
// path.
func FileURL(path string) string {
	path = escapePath(filepath.ToSlash(path))
	switch {
	case strings.HasPrefix(path, "//"): // would begin a host
		path = "//" + path
	case path == ":memory:":
		path = "./" + path
	}
	return "sqlite:" + path
}

// escapePath escapes what ends a path in a URL, or what SQLite would decode.
func escapePath(path string) string {
	return strings.NewReplacer("%", "%25", "?", "%3F", "#", "%23").Replace(path)
}

// dsn is the data source name for bun's sqliteshim. The settings are ours where
// the URL does not give its own: a write lock from the beginning of a
// transaction, 5 s to wait for it, write-ahead log, foreign keys.
func (l Location) dsn() string {
	params := url.Values{}
	maps.Copy(params, l.Params)
	settings := []struct{ name, short, value string }{
		{"_busy_timeout", "_timeout", "5000"},
		{"_foreign_keys", "_fk", "1"},
		{"_synchronous", "_sync", "NORMAL"},
	}
	if l.writes() {
		settings = append(settings, []struct{ name, short, value string }{
			{"_journal_mode", "_journal", "WAL"}, {"_txlock", "_txlock", "immediate"},
		}...)
	}
	for _, s := range settings {
		if !params.Has(s.name) && !params.Has(s.short) && !l.setsPragma(strings.TrimPrefix(s.name, "_")) {
			params.Set(s.name, s.value)
		}
	}
	return "file:" + l.uriPath() + "?" + params.Encode()
}

func (l Location) uriPath() string {
	if l.Path == "" {
		return ":memory:"
	}
	path := escapePath(filepath.ToSlash(l.Path))
	switch {
	case strings.HasPrefix(path, "/"):
		return "//" + path
	case filepath.VolumeName(l.Path) != "":
		return "///" + path
	}
	return path
}

// writes reports whether the database is opened for writing.
func (l Location) writes() bool {
	return l.Params.Get("mode") != "ro" && l.Params.Get("immutable") == ""
}

func (l Location) setsPragma(name string) bool {
	for _, p := range l.Params["_pragma"] {
		if p = strings.ToLower(strings.TrimSpace(p)); strings.HasPrefix(p, name) {
			return true
		}
	}
	return false
}
