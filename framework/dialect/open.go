package dialect

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"
)

// Open returns a database for a URL, opened by the registered dialect that
// understands its scheme (see [Opener]): what cmd/migrate does, for programs that
// are to read the same setting. It connects to nothing yet. Errors never contain
// the URL.
func Open(ctx context.Context, url string) (*bun.DB, error) {
	scheme, _, found := strings.Cut(url, ":")
	if !found {
		return nil, fmt.Errorf("the database's address has no scheme: write it as postgres://USER:PASSWORD@HOST:5432/NAME or sqlite:./data/app.db")
	}
	for _, d := range All() {
		if o, ok := d.(Opener); ok && slices.Contains(o.Schemes(), scheme) {
			return o.Open(ctx, url)
		}
	}
	return nil, fmt.Errorf("no dialect of this program understands the scheme of the database's address: import one, such as _ \"github.com/leavendb/leaven/framework/dialect/postgres\"")
}
