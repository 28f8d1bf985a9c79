package sqlite

import (
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/internal/pattern"
)

// The primary result codes of SQLite that a runner or a reader treats
// differently; https://sqlite.org/rescode.html.
const (
	codeError      = 1
	codePerm       = 3
	codeBusy       = 5
	codeLocked     = 6
	codeReadOnly   = 8
	codeInterrupt  = 9
	codeFull       = 13
	codeCantOpen   = 14
	codeConstraint = 19
	codeAuth       = 23
	codeNotADB     = 26

	primary = 0xff // mask: the rest of a code says more about the same

	codeNoRoom = 4874 // SQLITE_IOERR_SHMSIZE: the file beside a WAL cannot grow
)

var classes = map[int]dialect.Class{
	codePerm:       dialect.NoPrivilege,
	codeBusy:       dialect.Busy,
	codeLocked:     dialect.Busy,
	codeReadOnly:   dialect.ReadOnly,
	codeInterrupt:  dialect.Cancelled,
	codeFull:       dialect.Full,
	codeCantOpen:   dialect.NoDatabase,
	codeConstraint: dialect.Constraint,
	codeAuth:       dialect.NoPrivilege,
	codeNotADB:     dialect.NoDatabase,
}

// Classify implements dialect.Dialect. SQLite has one code for every fault of a
// statement; those are told apart by their text.
func (Dialect) Classify(err error) dialect.Fault {
	code, text, ok := find(err)
	if !ok {
		return dialect.Fault{}
	}
	f := dialect.Fault{Class: classes[code&primary], Code: strconv.Itoa(code), Message: text}
	if code == codeNoRoom {
		f.Class = dialect.Full
	}
	if code&primary == codeError || code&primary == codeConstraint {
		byText(&f)
	}
	return f
}

// texts are the messages of SQLite, the first that matches decides. Groups
// named table, column and constraint fill the fault. They are compiled when the
// first error is met: most runs meet none.
var texts = sync.OnceValue(func() []messageText {
	return []messageText{
		{regexp.MustCompile(`no such table: (?:main\.|temp\.)?(?P<table>.+)$`), dialect.NoTable},
		{regexp.MustCompile(`no such column: "?(?P<column>.+?)"?$`), dialect.NoColumn},
		{regexp.MustCompile(`table (?P<table>.+) has no column named (?P<column>.+)$`), dialect.NoColumn},
		{regexp.MustCompile(`unknown column "(?P<column>.+)" in foreign key definition`), dialect.NoColumn},
		{regexp.MustCompile(`(?:table|view|index|trigger) (?P<table>.+) already exists$`), dialect.Exists},
		{regexp.MustCompile(`there is already (?:a|an|another) (?:table|index|table or index|view) (?:named|with this name:?) ?(?P<table>.*)$`), dialect.Exists},
		{regexp.MustCompile(`duplicate column name: (?P<column>.+)$`), dialect.Exists},
		{regexp.MustCompile(`UNIQUE constraint failed: index '(?P<constraint>.+)'$`), dialect.Unique},
		{regexp.MustCompile(`UNIQUE constraint failed: (?P<table>[^.]+)\.(?P<column>[^,]+)`), dialect.Unique},
		{regexp.MustCompile(`NOT NULL constraint failed: (?P<table>[^.]+)\.(?P<column>.+)$`), dialect.NotNull},
		{regexp.MustCompile(`CHECK constraint failed: (?P<constraint>.+)$`), dialect.Constraint},
		{regexp.MustCompile(`attempt to write a readonly database`), dialect.ReadOnly},
	}
})

// messageText is what a message looks like that means a class of faults.
type messageText struct {
	pattern *regexp.Regexp
	class   dialect.Class
}

func byText(f *dialect.Fault) {
	for _, t := range texts() {
		m := t.pattern.FindStringSubmatch(f.Message)
		if m == nil {
			continue
		}
		f.Class = t.class
		for i, group := range t.pattern.SubexpNames() {
			switch group {
			case "table":
				f.Table = m[i]
			case "column":
				f.Column = m[i]
			case "constraint":
				f.Constraint = m[i]
			}
		}
		return
	}
}

// find returns the code and the text of the first SQLite error in the tree of
// err.
func find(err error) (code int, text string, ok bool) {
	if err == nil {
		return 0, "", false
	}
	if code, ok := resultCode(err); ok {
		return code, tidy(err.Error()), true
	}
	switch u := err.(type) { //nolint:errorlint // it takes the tree apart itself
	case interface{ Unwrap() error }:
		return find(u.Unwrap())
	case interface{ Unwrap() []error }:
		for _, e := range u.Unwrap() {
			if code, text, ok := find(e); ok {
				return code, text, ok
			}
		}
	}
	return 0, "", false
}

// resultCode returns the result code of a driver's error. Drivers are known by
// the package of their error type, not imported: other errors have a method Code
// too, and a program should link one driver.
func resultCode(err error) (int, bool) {
	v := reflect.ValueOf(err)
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return 0, false
		}
		v = v.Elem()
	}
	switch v.Type().PkgPath() {
	case "modernc.org/sqlite":
		if e, ok := err.(interface{ Code() int }); ok {
			return e.Code(), true
		}
	case "github.com/mattn/go-sqlite3":
		return fieldCode(v)
	}
	return 0, false
}

// fieldCode reads mattn's errors: a number, or a struct with fields where others
// have methods.
func fieldCode(v reflect.Value) (int, bool) {
	if v.CanInt() {
		return int(v.Int()), true
	}
	if v.Kind() != reflect.Struct {
		return 0, false
	}
	for _, name := range []string{"ExtendedCode", "Code"} {
		if f := v.FieldByName(name); f.IsValid() && f.CanInt() && f.Int() != 0 {
			return int(f.Int()), true
		}
	}
	return 0, false
}

// tidy takes off what modernc puts around SQLite's own text:
// "SQL logic error: no such table: t (1)".
func tidy(text string) string {
	text = modernc().ReplaceAllString(text, "")
	for _, prefix := range []string{"SQL logic error: ", "constraint failed: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	return text
}

var modernc = pattern.Lazy(` \(\d+\)( \(SQLITE_\w+\))?$`)
