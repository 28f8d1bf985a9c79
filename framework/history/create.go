package history

import "github.com/leavendb/leaven/framework/op"

// Creating returns the operations that make the two tables where they do not
// exist, for showing what Ensure would do without a database.
func (s *Store) Creating() []op.Op {
	state, log := s.stateTable(), s.logTable()
	state.IfNotExists, log.IfNotExists = true, true
	return []op.Op{state, log}
}
