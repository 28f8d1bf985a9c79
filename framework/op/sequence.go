package op

import (
	"reflect"
	"slices"

	"github.com/leavendb/leaven/framework/schema"
)

// sequence is several operations where one is asked for: the reverse of
// dropping a table that had indexes. Or none, where there is nothing to undo. Run and Reverse take it apart, so that
// nothing outside this package meets one, unless it calls Reversed by itself.
type sequence []Op

func (q sequence) Reversed() (Op, error) {
	ops, err := Reverse(q...)
	return sequence(ops), err
}

func (q sequence) Apply(s *schema.Schema) error {
	for _, o := range q {
		if err := o.Apply(s); err != nil {
			return err
		}
	}
	return nil
}

func (q sequence) Object() Object {
	if len(q) == 0 {
		return Object{}
	}
	return q[0].Object()
}

func (q sequence) String() string {
	if len(q) == 0 {
		return "nothing to do"
	}
	return q[0].String() + " and its indexes"
}

func (q sequence) op() {}

// Flatten returns the single operations of ops, in order: a reverse may stand
// for several.
func Flatten(ops ...Op) []Op {
	var flat []Op
	for _, o := range ops {
		if q, ok := o.(sequence); ok {
			flat = append(flat, Flatten(q...)...)
			continue
		}
		flat = append(flat, value(o))
	}
	return flat
}

// Reverse returns the operations that undo ops: the reverse of each, in the
// opposite order. It fails at the first that has none.
func Reverse(ops ...Op) ([]Op, error) {
	flat := Flatten(ops...)
	var back []Op
	for _, o := range slices.Backward(flat) {
		if o == nil {
			return nil, errNil
		}
		r, err := o.Reversed()
		if err != nil {
			return nil, err
		}
		back = append(back, Flatten(r)...)
	}
	return back, nil
}

// value turns a pointer to an operation into the operation: &op.DropTable{…}
// is an Op too, and a type switch would not know it. A nil pointer becomes nil.
func value(o Op) Op {
	v := reflect.ValueOf(o)
	if v.Kind() != reflect.Pointer {
		return o
	}
	if v.IsNil() {
		return nil
	}
	return v.Elem().Interface().(Op)
}
