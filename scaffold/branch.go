package scaffold

import "slices"

// Parents returns the IDs that the migration comes after: those that it names,
// else the previous ID; nil for the first, and for one that the folder lacks.
func (f Folder) Parents(id string) []string {
	if i := slices.IndexFunc(f.Migrations, func(n Node) bool { return n.ID == id }); i >= 0 {
		return f.parents(i)
	}
	return nil
}

func (f Folder) parents(i int) []string {
	switch n := f.Migrations[i]; {
	case len(n.After) > 0:
		return n.After
	case i > 0:
		return []string{f.Migrations[i-1].ID}
	}
	return nil
}

// Beside returns the heads of what does not come after the migration id, as if
// it were not there: what it has to name in After to come last. The result is in
// order, and empty where everything else comes after it.
func (f Folder) Beside(id string) []string {
	rest := Folder{Migrations: slices.DeleteFunc(slices.Clone(f.Migrations), func(n Node) bool { return n.ID == id })}
	behind := rest.behind(id)
	parent := map[string]bool{}
	for i, n := range rest.Migrations {
		if behind[n.ID] {
			continue
		}
		for _, p := range rest.parents(i) {
			parent[p] = true
		}
	}
	var heads []string
	for _, n := range rest.Migrations {
		if !behind[n.ID] && !parent[n.ID] {
			heads = append(heads, n.ID)
		}
	}
	return heads
}

// behind finds what comes after id, by one parent or more. The folder need not
// have id itself.
func (f Folder) behind(id string) map[string]bool {
	found := map[string]bool{id: true}
	for grew := true; grew; { // once, where children have the greater IDs
		grew = false
		for i, n := range f.Migrations {
			if !found[n.ID] && slices.ContainsFunc(f.parents(i), func(p string) bool { return found[p] }) {
				found[n.ID], grew = true, true
			}
		}
	}
	return found
}
