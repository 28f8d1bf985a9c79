package autogen

import (
	"strconv"
	"strings"

	"github.com/leavendb/leaven/framework/internal/pattern"
	"github.com/leavendb/leaven/framework/schema"
)

// portable returns a copy of what a database told of itself, in the words of
// package schema where they mean the same: "character varying(80)" is
// schema.Varchar(80). What it does not know keeps the database's own words. It is
// how columns that no model and no migration knows are written, and what shows
// without a server that most tables are as they should be.
func portable(dialect string, s *schema.Schema) *schema.Schema {
	s = s.Clone()
	for _, t := range s.Tables {
		for i, c := range t.Columns {
			t.Columns[i].Type = portableType(dialect, s, c.Type)
			t.Columns[i].Default = portableDefault(c.Default)
		}
	}
	return s
}

// words of databases for portable types. A text of SQLite can mean several; these
// are the ones that bun makes it for.
var words = map[string]map[string]schema.Type{
	"postgres": {
		"boolean": schema.Boolean, "smallint": schema.SmallInt, "integer": schema.Integer, "bigint": schema.BigInt,
		"real": schema.Real, "double precision": schema.Double, "numeric": schema.Numeric(0, 0), "text": schema.Text,
		"character varying": schema.Varchar(0), "bytea": schema.Bytes, "date": schema.Date, "time without time zone": schema.Time,
		"timestamp without time zone": schema.Timestamp, "timestamp with time zone": schema.Timestamptz, "interval": schema.Interval,
		"uuid": schema.UUID, "json": schema.JSON, "jsonb": schema.JSONB,
	},
	"sqlite": {
		"BOOLEAN": schema.Boolean, "INTEGER": schema.BigInt, "REAL": schema.Real, "DOUBLE PRECISION": schema.Double, "TEXT": schema.Text,
		"VARCHAR": schema.Varchar(0), "BLOB": schema.Bytes, "DATE": schema.Date, "TIME": schema.Time, "TIMESTAMP": schema.Timestamptz,
		"JSON": schema.JSON, "JSONB": schema.JSONB,
	},
}

var sizedType = pattern.Lazy(`(?i)^(varchar|character varying|numeric) ?\((\d+)(?:, ?(\d+))?\)$`)

func portableType(dialect string, s *schema.Schema, t schema.Type) schema.Type {
	text, _ := t.Spelling("")
	if t.Kind != schema.KindRaw || len(t.Dialects()) > 0 {
		return t
	}
	if elem, is := strings.CutSuffix(text, "[]"); is {
		if e := portableType(dialect, s, schema.Raw(elem)); e.Kind != schema.KindRaw {
			return schema.Array(e)
		}
		return t
	}
	if known, is := words[dialect][text]; is {
		return known
	}
	for _, e := range s.Enums {
		if t.UsesEnum(e.Schema, e.Name) {
			return schema.EnumType(e.Schema, e.Name)
		}
	}
	m := sizedType().FindStringSubmatch(text)
	if m == nil {
		return t
	}
	size, _ := strconv.Atoi(m[2])
	scale, _ := strconv.Atoi(m[3])
	if strings.EqualFold(m[1], "numeric") {
		return schema.Numeric(size, scale)
	}
	return schema.Varchar(size)
}

var (
	wholeNumber = pattern.Lazy(`^'?(-?(?:0|[1-9][0-9]{0,17}))'?(?:::(?:bigint|smallint|integer))?$`)
	textValue   = pattern.Lazy(`^'((?:[^']|'')*)'(?:::[a-z][a-z0-9_ ]*(?:\(\d+\))?)?$`)
)

// portableDefault is a default that both databases spell so that it is sure what
// is meant.
func portableDefault(e schema.Expression) schema.Expression {
	text, own := e.Spelling("")
	if !own || len(e.Dialects()) > 0 {
		return e
	}
	switch strings.ToLower(text) {
	case "now()", "current_timestamp":
		return schema.Now
	case "gen_random_uuid()":
		return schema.RandomUUID
	case "true", "false":
		return schema.Literal(strings.EqualFold(text, "true"))
	}
	if m := wholeNumber().FindStringSubmatch(text); m != nil && !strings.HasPrefix(text, "'") {
		n, _ := strconv.Atoi(m[1])
		return schema.Literal(n)
	}
	if m := textValue().FindStringSubmatch(text); m != nil {
		return schema.Literal(strings.ReplaceAll(m[1], "''", "'"))
	}
	return e
}
