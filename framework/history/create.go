package history

import "github.com/leavendb/leaven/framework/op"

// What follows is for files of SQL that somebody runs by hand.

// Creating returns the operations that make the two tables where they do not
// exist, for showing what Ensure would do without a database.
func (s *Store) Creating() []op.Op {
	state, log := s.stateTable(), s.logTable()
	state.IfNotExists, log.IfNotExists = true, true
	return []op.Op{state, log}
}

// Demand is a statement that does nothing if the row of id is in the state, and
// fails otherwise (a NULL in id), in every database's SQL. An empty state demands
// that there is no row.
func (s *Store) Demand(id string, state State) string {
	row := "EXISTS (SELECT 1 FROM " + s.states + " WHERE " + s.idIn([]string{id})
	if state == "" {
		return s.fail("WHERE " + row + ")")
	}
	return s.fail("WHERE NOT " + row + " AND state = " + s.literal(string(state)) + ")")
}

// DemandNone is a statement that fails if the relation, a dialect's own text, has
// a row.
func (s *Store) DemandNone(relation string) string { return s.fail("FROM " + relation) }

func (s *Store) fail(when string) string {
	return "INSERT INTO " + s.states + " (id) SELECT NULL " + when
}
