package schema

// Extras says of a table what the tags of its bun model cannot. A model declares
// them beside itself, and so may a struct that it embeds:
//
//	func (*User) Define() schema.Extras {
//		return schema.Extras{
//			Indexes: []schema.Index{{Unique: true, Parts: []schema.Part{{Expr: schema.Expr("lower(email)")}}, Name: "users_email_idx"}},
//			Checks:  []schema.Check{{Expr: schema.Expr("length(name) > 0")}},
//		}
//	}
//
// The method is called on an empty model, and must not depend on its fields.
// Columns are named as in the database. Constraints without a name get the one
// that PostgreSQL would give them; an index of plain columns without a name gets
// table_columns_idx.
type Extras struct {
	Indexes    []Index
	Checks     []Check
	Exclusions []Exclusion

	// Uniques are UNIQUE constraints. One over the columns of a constraint that
	// the tags make replaces it, and so gives it a name.
	Uniques []Unique

	// ForeignKeys are further foreign keys. One over the columns of a key that a
	// relation makes replaces it where both refer to the same table, and where it
	// names no RefTable: so it says what a relation cannot. Without RefColumns it
	// refers to the primary key of a model in the list.
	ForeignKeys []ForeignKey

	// Columns change what the tags say: each field that is not zero replaces that
	// of the model's column of the same Name. A column that the model does not
	// have is added, and must have a Type.
	Columns []Column

	Comment        string // of the table
	PrimaryKeyName string

	// RenamedFrom is a former name of the table ("people", "app.people"), and
	// RenamedColumns holds former names of columns by the present ones. Where only
	// the former is found, it is renamed instead of dropped and made anew.
	RenamedFrom    string
	RenamedColumns map[string]string

	// Concurrently names indexes that are to be built without blocking writers,
	// where a database can.
	Concurrently []string

	// Unmanaged leaves the table alone: the model is a view, a part of a table
	// that another model has, or somebody else's.
	Unmanaged bool

	// IgnoreHook leaves the model's BeforeCreateTable hook unasked: what it adds
	// is said here, or made by other means.
	IgnoreHook bool

	// On holds what is said further for one dialect only ("postgres", "sqlite").
	On map[string]Extras
}
