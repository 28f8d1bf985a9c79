package sqlite

import (
	"context"
	"errors"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

var _ dialect.Follower = Dialect{}

// Follow implements dialect.Follower. Which word of a view's or trigger's text is
// the table or column that is renamed, only SQLite can tell: so it is asked, with
// a database in memory that has these tables, views and triggers and no rows.
func (d Dialect) Follow(ctx context.Context, s *schema.Schema, o op.Op) (_ *schema.Schema, err error) {
	objects, err := viewsAndTriggers(s)
	if err != nil {
		return nil, err
	}
	concerned, err := anyMentions(objects, renamedName(o))
	if err != nil || !concerned {
		return &schema.Schema{}, err
	}
	steps, err := definitions(s)
	if err != nil {
		return nil, err
	}
	for _, v := range objects {
		steps = append(steps, v.sql)
	}
	rename, err := d.Render(ctx, o, op.Fold{Schema: s})
	if err != nil {
		return nil, err
	}
	for _, r := range rename {
		steps = append(steps, r.SQL)
	}
	db, err := d.Open(ctx, "sqlite::memory:")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, sql := range steps {
		if _, err := db.ExecContext(ctx, sql); err != nil {
			return nil, err
		}
	}
	found, err := d.Inspect(ctx, db)
	if err != nil {
		return nil, err
	}
	return &schema.Schema{Views: found.Views, Triggers: found.Triggers}, nil
}

// renamedName is the name that an operation takes away; empty: none.
func renamedName(o op.Op) string {
	switch o := o.(type) {
	case op.RenameTable:
		return o.Name
	case op.RenameColumn:
		return o.Name
	}
	return ""
}

func anyMentions(objects []object, name string) (bool, error) {
	for _, o := range objects {
		if yes, err := o.mentions(name, true); yes || err != nil {
			return yes, err
		}
	}
	return false, nil
}

// definitions are the statements that make the enums and tables of a schema.
func definitions(s *schema.Schema) ([]string, error) {
	var all []string
	for _, e := range s.Enums {
		all = append(all, enumView(e.Name, e.Values))
	}
	for _, t := range s.Tables {
		text, err := tableText(t, valuesAt(context.Background(), op.Fold{Schema: s}))
		if err != nil {
			return nil, err
		}
		all = append(all, text)
	}
	return all, nil
}
