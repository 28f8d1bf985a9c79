package op_test

import (
	"testing"

	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

// TestRenamedEnumValueIsFollowed checks every place of a table that can hold an
// expression.
func TestRenamedEnumValueIsFollowed(t *testing.T) {
	is := schema.Expr("mood = 'sad'")
	s := &schema.Schema{
		Enums: []*schema.Enum{{Name: "mood", Values: []string{"sad", "ok"}}},
		Tables: []*schema.Table{{
			Name: "notes",
			Columns: []schema.Column{
				{Name: "mood", Type: schema.EnumType("", "mood")},
				{Name: "low", Type: schema.Boolean, Generated: is},
			},
			Checks:     []schema.Check{{Name: "c", Expr: is}},
			Exclusions: []schema.Exclusion{{Name: "x", Elements: []schema.ExclusionElement{{Part: schema.Part{Expr: is}, Operator: "="}}, Where: is}},
			Indexes: []schema.Index{
				{Name: "i", Parts: []schema.Part{{Expr: is}}, Where: is},
				{Name: "d", Definition: is},
			},
		}},
	}
	if err := (op.RenameEnumValue{Name: "mood", Value: "sad", To: "low"}).Apply(s); err != nil {
		t.Fatal(err)
	}
	const want = "mood = 'low'"
	notes := s.Tables[0]
	for place, e := range map[string]schema.Expression{
		"generated": notes.Columns[1].Generated, "check": notes.Checks[0].Expr,
		"exclusion": notes.Exclusions[0].Elements[0].Expr, "where of an exclusion": notes.Exclusions[0].Where,
		"index": notes.Indexes[0].Parts[0].Expr, "where of an index": notes.Indexes[0].Where, "definition of an index": notes.Indexes[1].Definition,
	} {
		if got := e.String(); got != want {
			t.Errorf("%s: %s, want %s", place, got, want)
		}
	}
}
