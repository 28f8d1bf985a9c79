package migrate

import "strconv"

// Target says how far a run goes. The zero value is Head.
type Target struct {
	kind  targetKind
	id    string
	steps int
	ids   []string // targetOnly
}

type targetKind uint8

const (
	targetHead targetKind = iota
	targetBase
	targetID
	targetSteps
	targetBatch
	targetOnly // these IDs and no others: a part of what was planned before
)

// The targets without a parameter. Up to Head applies everything; Down to Base
// reverts everything; Down to LastBatch reverts the latest batch.
var (
	Head      = Target{kind: targetHead}
	Base      = Target{kind: targetBase}
	LastBatch = Target{kind: targetBatch}
)

// To is the migration with this ID, or with this unambiguous prefix or name of
// an ID: Up applies it and what it needs; Down reverts what was applied after it.
func To(revision string) Target { return Target{kind: targetID, id: revision} }

// Steps is the next n migrations (Up) or the last n applied ones (Down).
func Steps(n int) Target { return Target{kind: targetSteps, steps: n} }

func only(ids []string) Target { return Target{kind: targetOnly, ids: ids} }

// String is the target as it is written on the command line.
func (t Target) String() string {
	switch t.kind {
	case targetBase:
		return "base"
	case targetBatch:
		return "the last batch"
	case targetID:
		return t.id
	case targetSteps:
		return strconv.Itoa(t.steps)
	}
	return "head"
}
