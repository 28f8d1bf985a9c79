package model

import (
	"context"
	"fmt"
	"strings"

	"github.com/leavendb/leaven/framework/internal/pattern"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/uptrace/bun"
)

// hookKeys adds the foreign keys that the model's BeforeCreateTable hook adds to
// bun's query. The hook gets a query that is never sent, and no database.
func (l *loader) hookKeys(e *entry, t *schema.Table) {
	hook, ok := e.table.ZeroIface.(bun.BeforeCreateTableHook)
	if !ok || e.declared.IgnoreHook {
		return
	}
	var plain, hooked string
	said, ok := caught(func() {
		plain = l.db.NewCreateTable().Model(e.table.ZeroIface).String()
		q := l.db.NewCreateTable().Model(e.table.ZeroIface)
		if err := hook.BeforeCreateTable(context.Background(), q); err != nil {
			panic(err)
		}
		hooked = strings.Replace(q.String(), "CREATE TABLE IF NOT EXISTS ", "CREATE TABLE ", 1)
	})
	const remedy = "say in Define what it adds, with IgnoreHook: true"
	if !ok {
		l.faults.add(e.name(), "", "its BeforeCreateTable hook cannot be asked (%s); %s", said, remedy)
		return
	}
	added, ok := strings.CutPrefix(hooked, strings.TrimSuffix(plain, ")"))
	if !ok {
		l.faults.add(e.name(), "", "its BeforeCreateTable hook adds more than foreign keys; %s", remedy)
		return
	}
	keys, err := readKeys(strings.TrimSpace(added))
	if err != nil {
		l.faults.add(e.name(), "", "its BeforeCreateTable hook adds %q (%s); %s", strings.TrimSuffix(added, ")"), err, remedy)
	}
	for _, f := range keys {
		l.complete(e, &f, t)
		putKey(t, f)
	}
}

// complete names the columns of the table that a key refers to.
func (l *loader) complete(e *entry, f *schema.ForeignKey, t *schema.Table) {
	if f.RefTable == "" {
		return
	}
	at := l.split(strings.TrimPrefix(f.RefSchema+"."+f.RefTable, "."))
	f.RefSchema, f.RefTable = at.Schema, at.Name
	if len(f.RefColumns) == 0 {
		f.RefColumns = l.primaryKey(at)
	}
	switch {
	case len(f.RefColumns) == 0:
		l.faults.add(e.name(), "", "the foreign key (%s) of table %s names no columns of %s, and no model in the list tells its primary key; name RefColumns", commas(f.Columns), t.Name, f.RefTable)
	case len(f.RefColumns) != len(f.Columns):
		l.faults.add(e.name(), "", "the foreign key (%s) of table %s refers to (%s) of %s; name as many columns there", commas(f.Columns), t.Name, commas(f.RefColumns), f.RefTable)
	}
}

var (
	sqlToken = pattern.Lazy(`^(?:\s+|"(?:[^"]|"")*"|\w+|.)`)
	keyWords = pattern.Lazy(`^[A-Za-z_]\w*$`)
)

// keyReader reads ", FOREIGN KEY (a) REFERENCES b (c) ON DELETE …" again and
// again, up to the last parenthesis.
type keyReader struct {
	tokens []string
	err    error
}

func readKeys(text string) ([]schema.ForeignKey, error) {
	var r keyReader
	for text != "" {
		t := sqlToken().FindString(text)
		text = text[len(t):]
		if strings.TrimSpace(t) != "" {
			r.tokens = append(r.tokens, t)
		}
	}
	var all []schema.ForeignKey
	for r.is(",") && r.err == nil {
		r.want(",", "FOREIGN", "KEY")
		var f schema.ForeignKey
		f.Columns = r.list()
		r.want("REFERENCES")
		f.RefTable = r.name()
		if r.is(".") {
			r.want(".")
			f.RefSchema, f.RefTable = f.RefTable, r.name()
		}
		if r.is("(") {
			f.RefColumns = r.list()
		}
		for !r.is(",") && !r.is(")") && r.err == nil {
			r.clause(&f)
		}
		all = append(all, f)
	}
	r.want(")")
	if r.err == nil && len(r.tokens) > 0 {
		r.err = fmt.Errorf("which goes on with %s behind the table", r.tokens[0])
	}
	if r.err != nil {
		return nil, r.err
	}
	return all, nil
}

// clause reads what stands behind the columns.
func (r *keyReader) clause(f *schema.ForeignKey) {
	switch {
	case r.is("ON"):
		r.want("ON")
		to := &f.OnDelete
		if r.is("UPDATE") {
			to = &f.OnUpdate
			r.want("UPDATE")
		} else {
			r.want("DELETE")
		}
		words := strings.ToUpper(r.next())
		if words == "SET" || words == "NO" {
			words += " " + strings.ToUpper(r.next())
		}
		action, known := actions[words]
		if !known {
			r.fail(words)
		}
		*to = action
	case r.is("NOT"):
		r.want("NOT", "DEFERRABLE")
	case r.is("DEFERRABLE"):
		r.want("DEFERRABLE")
		f.Deferrable = true
	case r.is("INITIALLY"):
		r.want("INITIALLY")
		f.InitiallyDeferred = r.is("DEFERRED")
		f.Deferrable = f.Deferrable || f.InitiallyDeferred
		r.next()
	case r.is("MATCH"):
		r.want("MATCH", "SIMPLE")
	default:
		r.fail(r.next())
	}
}

func (r *keyReader) fail(at string) {
	if r.err == nil {
		r.err = fmt.Errorf("which is not understood at %q", at)
	}
}

func (r *keyReader) is(word string) bool {
	return len(r.tokens) > 0 && strings.EqualFold(r.tokens[0], word)
}

func (r *keyReader) next() string {
	if len(r.tokens) == 0 {
		r.fail("its end")
		return ""
	}
	t := r.tokens[0]
	r.tokens = r.tokens[1:]
	return t
}

func (r *keyReader) want(words ...string) {
	for _, w := range words {
		if t := r.next(); !strings.EqualFold(t, w) {
			r.fail(t)
		}
	}
}

// name reads an identifier; without quotes it is in lower case.
func (r *keyReader) name() string {
	t := r.next()
	switch {
	case strings.HasPrefix(t, `"`) && len(t) > 2:
		return strings.ReplaceAll(t[1:len(t)-1], `""`, `"`)
	case !keyWords().MatchString(t):
		r.fail(t)
	}
	return strings.ToLower(t)
}

func (r *keyReader) list() []string {
	r.want("(")
	names := []string{r.name()}
	for r.is(",") && r.err == nil {
		r.want(",")
		names = append(names, r.name())
	}
	r.want(")")
	return names
}
