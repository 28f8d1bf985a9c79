package dialect

// Class is the kind of a fault, as far as a runner or a message treats it
// differently.
type Class string

// The classes of faults.
const (
	Other           Class = ""                 // none of the below: not retried
	LockTimeout     Class = "lock timeout"     // gave up waiting for a lock (55P03)
	Deadlock        Class = "deadlock"         // 40P01
	Serialization   Class = "serialization"    // 40001
	Busy            Class = "busy"             // another writer has the database (SQLITE_BUSY)
	ConnectionLost  Class = "connection lost"  // in mid-work: what was sent last may have happened
	Unavailable     Class = "unavailable"      // refused, shutting down, starting, too many connections
	ReadTimeout     Class = "read timeout"     // the driver stopped waiting for an answer
	Cancelled       Class = "cancelled"        // 57014
	IdleTimeout     Class = "idle timeout"     // the open transaction or session was idle too long (25P03, 57P05)
	Aborted         Class = "aborted"          // the transaction failed before (25P02)
	NoTable         Class = "no table"         // 42P01
	NoColumn        Class = "no column"        // 42703
	NoSchema        Class = "no schema"        // 3F000
	Exists          Class = "exists"           // a table, column, … of that name exists (42P07, 42701, 42710)
	NoPrivilege     Class = "no privilege"     // 42501
	ReadOnly        Class = "read only"        // 25006, SQLITE_READONLY
	Auth            Class = "authentication"   // 28000, 28P01
	NoDatabase      Class = "no database"      // 3D000, a file that cannot be opened
	Full            Class = "full"             // 53100, SQLITE_FULL
	Unique          Class = "unique"           // 23505
	NotNull         Class = "not null"         // 23502
	Constraint      Class = "constraint"       // other integrity violations
	EnumUncommitted Class = "enum uncommitted" // 55P04
	TLS             Class = "tls"              // the server refuses or lacks TLS
)

// Fault is what a database says about an error. Details that hold row values
// are left out.
type Fault struct {
	Class      Class
	Code       string // SQLSTATE or the driver's result code; may be empty
	Message    string
	Hint       string
	Position   int // 1-based, in characters, into the statement; 0: unknown
	Table      string
	Column     string
	Constraint string
}

// Retryable reports whether the same work may succeed when it is tried again
// from the beginning.
func (f Fault) Retryable() bool {
	switch f.Class {
	case LockTimeout, Deadlock, Serialization, Busy, ConnectionLost, Unavailable:
		return true
	}
	return false
}
