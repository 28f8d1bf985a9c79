package schema

// Column is one column of a table. The zero value of every field but Name and
// Type is the database's own default: NULL allowed, no default value.
type Column struct {
	Name    string
	Type    Type
	NotNull bool
	Default Expression // zero: none

	// AutoIncrement lets the database number the rows: what bun's
	// `autoincrement` makes, a serial column on PostgreSQL, and on SQLite an
	// INTEGER PRIMARY KEY AUTOINCREMENT. On SQLite the column must be the whole
	// primary key. Implies NOT NULL.
	AutoIncrement bool

	// Identity makes the column that numbers the rows an identity column, on
	// databases that know both; with AutoIncrement beside it, those that do not
	// number the rows in their own way. Implies NOT NULL.
	Identity Identity

	// Generated computes the column from others of the row, so that it has no
	// Default. It is stored; with Virtual it is computed when it is read, which
	// PostgreSQL knows from 18 on.
	Generated Expression
	Virtual   bool

	// Collation is the name of the order of text, unquoted ("C", "de-x-icu";
	// "NOCASE" on SQLite); empty: that of the type. Where databases differ, say
	// COLLATE in Type.On instead.
	Collation string

	Comment string // empty: none
}

// Counts reports whether the database numbers the rows in this column.
func (c Column) Counts() bool { return c.AutoIncrement || c.Identity != NoIdentity }

// Required reports whether the column refuses NULL.
func (c Column) Required() bool { return c.NotNull || c.Counts() }

// Identity says whether rows may bring their own number. The zero value is no
// identity column.
type Identity string

// The two kinds of the SQL standard: a number that a row brings is refused, or
// taken.
const (
	NoIdentity        Identity = ""
	IdentityAlways    Identity = "ALWAYS"
	IdentityByDefault Identity = "BY DEFAULT"
)
