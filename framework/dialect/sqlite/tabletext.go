package sqlite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/schema"
)

// tableText is the CREATE TABLE of t.
func tableText(t *schema.Table, enums values) (string, error) {
	var items []string
	counts := false
	for _, c := range t.Columns {
		key := keyPart{slices.Contains(t.PrimaryKey, c.Name), t.ChosenKeyName()}
		if c.AutoIncrement {
			counts = true
			if len(t.PrimaryKey) != 1 || !key.is {
				return "", fmt.Errorf("column %s of table %s cannot count up by itself: on SQLite only the whole primary key can", c.Name, t.Name)
			}
		}
		text, err := columnText(c, key, enums)
		if err != nil {
			return "", fmt.Errorf("table %s: %w", t.Name, err)
		}
		items = append(items, text)
	}
	if len(t.PrimaryKey) > 0 && !counts {
		items = append(items, constraintName(t.ChosenKeyName())+"PRIMARY KEY "+names(t.PrimaryKey))
	}
	for _, u := range t.Uniques {
		text, err := uniqueText(u)
		if err != nil {
			return "", fmt.Errorf("table %s: %w", t.Name, err)
		}
		items = append(items, text)
	}
	for _, e := range t.Exclusions {
		return "", fmt.Errorf("table %s: %w", t.Name, noExclusion(e.Name))
	}
	for _, c := range t.Checks {
		text, err := checkText(c)
		if err != nil {
			return "", fmt.Errorf("table %s: %w", t.Name, err)
		}
		items = append(items, text)
	}
	for _, f := range t.ForeignKeys {
		text, err := foreignKeyText(f)
		if err != nil {
			return "", fmt.Errorf("table %s: %w", t.Name, err)
		}
		items = append(items, text)
	}
	return "CREATE TABLE " + quote(t.Name) + " (\n\t" + strings.Join(items, ",\n\t") + "\n)", nil
}

// keyPart says whether a column is part of the primary key, and of which: SQLite
// alone would let the key's columns be NULL.
type keyPart struct {
	is   bool
	name string
}

// columnText is a column's definition.
func columnText(c schema.Column, key keyPart, enums values) (string, error) {
	text, err := columnClauses(c, key, enums)
	if err != nil {
		return "", fmt.Errorf("column %s: %w", c.Name, err)
	}
	return quote(c.Name) + text, nil
}

// columnClauses is what follows the name, with a space before each piece.
func columnClauses(c schema.Column, key keyPart, enums values) (string, error) {
	typ, err := typeText(c.Type)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if typ != "" {
		b.WriteString(" " + typ)
	}
	if c.Collation != "" {
		text, err := collationText(c.Collation)
		if err != nil {
			return "", err
		}
		b.WriteString(text)
	}
	if c.NotNull || key.is || c.AutoIncrement {
		b.WriteString(" NOT NULL")
	}
	if c.Identity != schema.NoIdentity && !c.AutoIncrement {
		return "", errIdentity(c.Name)
	}
	if c.AutoIncrement {
		if !strings.EqualFold(typ, "INTEGER") {
			return "", fmt.Errorf("only an INTEGER counts up by itself, not %s", typ)
		}
		b.WriteString(" " + constraintName(key.name) + "PRIMARY KEY AUTOINCREMENT")
	}
	if !c.Default.IsZero() {
		value, err := defaultClause(c.Default)
		if err != nil {
			return "", err
		}
		b.WriteString(" DEFAULT " + value)
	}
	if !c.Generated.IsZero() {
		text, err := generatedText(c)
		if err != nil {
			return "", err
		}
		b.WriteString(text)
	}
	if isEnum(c.Type) {
		list, err := enums(c.Type.Name)
		if err != nil {
			return "", err
		}
		b.WriteString(" " + enumCheck(c.Name, c.Type.Name, list))
	}
	return b.String(), nil
}

func generatedText(c schema.Column) (string, error) {
	text, err := expressionText(c.Generated)
	if c.Virtual {
		return " GENERATED ALWAYS AS (" + text + ") VIRTUAL", err
	}
	return " GENERATED ALWAYS AS (" + text + ") STORED", err
}

func uniqueText(u schema.Unique) (string, error) {
	switch {
	case u.NullsNotDistinct:
		return "", fmt.Errorf("unique constraint %s: SQLite never takes two NULLs for equal: leave NullsNotDistinct out", u.Name)
	case u.Deferrable || u.InitiallyDeferred:
		return "", fmt.Errorf("unique constraint %s: SQLite defers foreign keys only: leave Deferrable out", u.Name)
	}
	return constraintName(u.Name) + "UNIQUE " + names(u.Columns), nil
}

func checkText(c schema.Check) (string, error) {
	text, err := expressionText(c.Expr)
	return constraintName(c.Name) + "CHECK (" + text + ")", err
}

func foreignKeyText(f schema.ForeignKey) (string, error) {
	if f.RefSchema != "" {
		return "", noSchemas(f.RefSchema)
	}
	var text strings.Builder
	text.WriteString(constraintName(f.Name) + "FOREIGN KEY " + names(f.Columns) + " REFERENCES " + quote(f.RefTable) + " " + names(f.RefColumns))
	for _, a := range []struct {
		when   string
		action schema.Action
	}{{"UPDATE", f.OnUpdate}, {"DELETE", f.OnDelete}} {
		switch a.action {
		case schema.NoAction:
		case schema.Restrict, schema.Cascade, schema.SetNull, schema.SetDefault:
			text.WriteString(" ON " + a.when + " " + string(a.action))
		default:
			return "", fmt.Errorf("foreign key %s: %q is not an action", f.Name, string(a.action))
		}
	}
	switch {
	case f.InitiallyDeferred:
		text.WriteString(" DEFERRABLE INITIALLY DEFERRED")
	case f.Deferrable:
		text.WriteString(" DEFERRABLE INITIALLY IMMEDIATE")
	}
	return text.String(), nil
}

func constraintName(name string) string {
	if name == "" {
		return ""
	}
	return "CONSTRAINT " + quote(name) + " "
}

func names(columns []string) string {
	quoted := make([]string, len(columns))
	for i, c := range columns {
		quoted[i] = quote(c)
	}
	return "(" + strings.Join(quoted, ", ") + ")"
}
