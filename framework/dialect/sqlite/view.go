package sqlite

import (
	"context"
	"errors"
	"fmt"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

func createView(o op.CreateView) ([]op.Statement, error) {
	if o.Materialized {
		return nil, errors.New("SQLite has no materialized views: leave Materialized out, or write op.SQL with a text for each database")
	}
	return one(viewText(&schema.View{Name: o.Name, Query: o.Query}))
}

func viewText(v *schema.View) (string, error) {
	query, err := expressionText(v.Query)
	return "CREATE VIEW " + quote(v.Name) + " AS " + query, err
}

func createTrigger(o op.CreateTrigger) ([]op.Statement, error) {
	if o.Trigger.Constraint {
		return nil, errors.New("SQLite has no constraint triggers: leave Constraint out, or write op.SQL with a text for each database")
	}
	return one(triggerText(o.Trigger))
}

func triggerText(g schema.Trigger) (string, error) {
	event, err := expressionText(g.Event)
	if err != nil {
		return "", err
	}
	action, err := expressionText(g.Action)
	if err != nil {
		return "", err
	}
	ts, err := tokens(action)
	if n := len(ts); err != nil || n < 2 || !ts[n-1].is("END") {
		return "", errors.Join(err, errors.New("SQLite's triggers do BEGIN … END: give Action a text of its own, with .On(\"sqlite\", \"BEGIN …; END\")"))
	}
	return "CREATE TRIGGER " + quote(g.Name) + " " + event + " ON " + quote(g.Table) + " " + action, nil
}

const triggersNamed = `
SELECT type, name, tbl_name, sql, 0 FROM sqlite_master WHERE type = 'trigger' AND name = %s COLLATE NOCASE`

// dropTrigger drops a trigger of that table; its name is the database's.
func dropTrigger(ctx context.Context, o op.DropTrigger, at op.State) ([]op.Statement, error) {
	if l, connected := at.(live); connected {
		all, err := load(ctx, l.db, fmt.Sprintf(triggersNamed, literal(o.Name)))
		if err != nil {
			return nil, err
		}
		if len(all) == 1 && !sameName(all[0].table, o.Table) {
			return nil, fmt.Errorf("the trigger of this name is one of table %s", all[0].table)
		}
	}
	return []op.Statement{{SQL: "DROP TRIGGER " + quote(o.Name)}}, nil
}

// parseView reads a CREATE VIEW. Where it lists columns, the query is one that
// names them so.
func parseView(o object) (*schema.View, error) {
	ts, err := tokens(o.sql)
	if err != nil {
		return nil, err
	}
	p := &parser{ts: ts, sql: o.sql}
	p.want("CREATE")
	p.want("VIEW")
	p.take("IF", "NOT", "EXISTS")
	if p.ident(); p.take(".") {
		p.ident()
	}
	columns := ""
	if from := p.i; p.at("(") {
		p.enclosed()
		columns = o.sql[ts[from].from:ts[p.i-1].to]
	}
	p.want("AS")
	if p.err != nil || p.i >= len(ts) {
		return nil, fmt.Errorf("the definition of view %s cannot be understood: %w", o.name, p.err)
	}
	query := o.sql[ts[p.i].from:]
	if columns != "" {
		query = fmt.Sprintf("WITH %s %s AS (%s\n) SELECT * FROM %s", quote(o.name), columns, query, quote(o.name))
	}
	return &schema.View{Name: o.name, Query: schema.Expr(query)}, nil
}

// parseTrigger reads a CREATE TRIGGER: what stands before and behind the table.
func parseTrigger(o object) (schema.Trigger, error) {
	g := schema.Trigger{Table: o.table, Name: o.name}
	ts, err := tokens(o.sql)
	if err != nil {
		return g, err
	}
	p := &parser{ts: ts, sql: o.sql}
	p.want("CREATE")
	p.want("TRIGGER")
	p.take("IF", "NOT", "EXISTS")
	if p.ident(); p.take(".") {
		p.ident()
	}
	from := p.i
	for p.err == nil && p.i < len(ts) && !p.at("ON") {
		p.i++
	}
	on := p.i
	p.want("ON")
	p.ident()
	if p.err != nil || p.i >= len(ts) {
		return g, fmt.Errorf("the definition of trigger %s cannot be understood: %w", o.name, p.err)
	}
	if on > from {
		g.Event = schema.Expr(o.sql[ts[from].from:ts[on-1].to])
	}
	g.Action = schema.Expr(o.sql[ts[p.i].from:])
	return g, nil
}
