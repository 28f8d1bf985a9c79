package rowtest_test

import (
	"context"
	"fmt"

	"github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/diff"
	"github.com/leavendb/leaven/framework/internal/rowtest"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
)

func ExampleFill() {
	ctx := context.Background()
	db, _ := sqlite.Dialect{}.Open(ctx, "sqlite::memory:")
	defer db.Close()
	from := users(schema.Column{Name: "nick", Type: schema.Text})
	to := users(schema.Column{Name: "nick", Type: schema.Text, NotNull: true})
	begin, _ := diff.Compare(&schema.Schema{}, from, diff.Options{})
	_ = op.Run(ctx, db, begin.Ops()...)

	r, _ := diff.Compare(from, to, diff.Options{})
	rows, _ := rowtest.Fill(ctx, db, sqlite.Dialect{}, from, to, r, rowtest.Both)
	_, _ = db.ExecContext(ctx, "DELETE FROM users WHERE id > 1") // which no change of the schema does
	lost, _ := rows.Forward(ctx, db)
	fmt.Println(rows.Len(), "rows;", lost)
	// Output:
	// 3 rows; the rows of users are ["1 | 1"], want ["1 | 1" "2 | 2" "3 | 3"]
}
