package adopt

// Table names a table of the database. Schema is empty where there are none.
type Table struct{ Schema, Name string }

// String is the name for people: "public.goose_db_version".
func (t Table) String() string {
	if t.Schema == "" {
		return t.Name
	}
	return t.Schema + "." + t.Name
}

// is reports whether a person who wrote this name means the table.
func (t Table) is(name string) bool { return name == t.Name || name == t.String() }

// History is what another tool has recorded as applied.
type History struct {
	Tool     string
	Table    Table
	Versions []Version // in the order in which it applied them, as far as that is kept
	Faults   []Fault   // why it should not be adopted as it is
	Remarks  []string  // what somebody should know who adopts it
}

// Version is one version that a tool has recorded.
type Version struct {
	Text    string
	Name    string // what the tool calls it besides, in words; empty: nothing
	Through bool   // everything before it is applied as well
	opaque  bool   // its digits are no number
}

// Fault is a state in which a history should not be taken for the truth.
type Fault struct {
	Kind Refusal
	What string // what was found, as a clause
}

// Refusal names a reason not to adopt a history, so that a person can allow it.
type Refusal string

// The reasons.
const (
	Dirty   Refusal = "dirty"   // the tool says that a migration of it failed
	Locked  Refusal = "locked"  // a run of the tool is under way, or has left its lock
	Unknown Refusal = "unknown" // a version of it is none of our migrations
	Gaps    Refusal = "gaps"    // one of our migrations is not applied, although a later one is
)

// Refusals are all of them.
func Refusals() []Refusal { return []Refusal{Dirty, Gaps, Locked, Unknown} }

func (h *History) add(texts ...string) {
	for _, t := range texts {
		h.Versions = append(h.Versions, Version{Text: t})
	}
}

func (h *History) fault(k Refusal, what string) { h.Faults = append(h.Faults, Fault{k, what}) }

// drop forgets a version that was taken back.
func (h *History) drop(text string) {
	kept := h.Versions[:0]
	for _, v := range h.Versions {
		if v.Text != text {
			kept = append(kept, v)
		}
	}
	h.Versions = kept
}
