package dialect

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"
)

// Open returns a database for an address, opened by the registered dialect that
// understands it: what cmd/migrate does, for programs that are to read the same
// setting. It connects to nothing yet. Errors never contain the address.
func Open(ctx context.Context, address string) (*bun.DB, error) {
	if _, o, ok := OpenerFor(address); ok {
		return o.Open(ctx, address)
	}
	if !strings.Contains(address, ":") {
		return nil, fmt.Errorf("the database's address has no scheme: write it as postgres://USER:PASSWORD@HOST:5432/NAME or sqlite:./data/app.db")
	}
	return nil, fmt.Errorf("no dialect of this program understands the scheme of the database's address: import one, such as _ \"github.com/leavendb/leaven/framework/dialect/postgres\"")
}

// OpenerFor finds the registered dialect that understands an address: by its
// scheme, or by its form where that needs none (see [Completer]). False: there is
// none.
func OpenerFor(address string) (Dialect, Opener, bool) {
	scheme, _, hasScheme := strings.Cut(address, ":")
	for _, d := range All() {
		o, ok := d.(Opener)
		if !ok {
			continue
		}
		if hasScheme && slices.Contains(o.Schemes(), strings.ToLower(scheme)) {
			return d, o, true
		}
		if c, ok := o.(Completer); ok && c.Recognises(address) {
			return d, o, true
		}
	}
	return nil, nil, false
}
