package scaffold

import "fmt"

// Merge is what the file of a migration that joins branches depends on.
type Merge struct {
	ID      string
	After   []string // the heads that it joins, at least two
	Package string   // empty: "migrations"
}

// File renders the file; its name is the ID and ".go". The migration does
// nothing, up and down.
func (m Merge) File() ([]byte, error) {
	if len(m.After) < 2 {
		return nil, fmt.Errorf("a merge needs two heads, and got %d", len(m.After))
	}
	if m.Package == "" {
		m.Package = "migrations"
	}
	return render("merge.go.tmpl", m)
}
