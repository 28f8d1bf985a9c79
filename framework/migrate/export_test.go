package migrate

// RegisterAs registers a migration as if the file base had done it, for tests of
// sources: files of tests have none.
func RegisterAs(r *Registry, m Migration, base string) {
	r.add(entry{Migration: m, place: place{path: "/app/migrations/" + base, line: 1, pkg: "app/migrations"}})
}
