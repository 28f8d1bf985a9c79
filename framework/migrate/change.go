package migrate

import (
	"context"
	"fmt"
	"slices"

	"github.com/leavendb/leaven/framework/op"
	"github.com/uptrace/bun"
)

// functions returns both directions of a change. down is nil, and why says the
// reason, where an operation cannot be reversed.
func (c Change) functions() (up, down Func, why string) {
	reversed := make([]op.Op, len(c.ops))
	for i, o := range c.ops {
		r, err := reverse(o)
		if err != nil {
			return running(c.ops), nil, fmt.Sprintf("operation %d of its Change (%s) %v", i+1, describe(o), err)
		}
		reversed[len(c.ops)-1-i] = r
	}
	return running(c.ops), running(reversed), ""
}

// missing returns the number of the first operation that is nil, 0 for none.
func (c Change) missing() int {
	return 1 + slices.Index(c.ops, nil)
}

func running(ops []op.Op) Func {
	return func(ctx context.Context, db bun.IDB) error { return op.Run(ctx, db, ops...) }
}

// reverse is o.Reversed, which must not take the program down before main when o
// is a nil pointer: registries report faults, they do not panic.
func reverse(o op.Op) (r op.Op, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("cannot be reversed: %v", p)
		}
	}()
	if o == nil {
		return nil, fmt.Errorf("is nil")
	}
	return o.Reversed()
}

func describe(o op.Op) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("%T", o)
		}
	}()
	if o == nil {
		return "nil"
	}
	return o.String()
}
