package adopt_test

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/leavendb/leaven/framework/adopt"
)

// versions are revisions as Alembic writes them, in its old form and in today's:
// two branches, and what merges them.
var versions = fstest.MapFS{
	"env.py": {Data: []byte("from alembic import context\n")},
	"1975ea83b712_create_account_table.py": {Data: []byte(`"""create account table

Revision ID: 1975ea83b712
Revises:
Create Date: 2011-11-08 11:40:27.089406

"""

# revision identifiers, used by Alembic.
revision = '1975ea83b712'
down_revision = None
branch_labels = None
`)},
	"ae1027a6acf_add_a_column.py": {Data: []byte(`"""Add a column"""
from typing import Sequence, Union

revision: str = "ae1027a6acf"
down_revision: Union[str, None] = "1975ea83b712"
depends_on: Union[str, Sequence[str], None] = None
`)},
	"27c6a30d7c24_shopping_cart.py": {Data: []byte("\"\"\"add shopping cart table.\n\n\"\"\"\nrevision = '27c6a30d7c24'\ndown_revision = '1975ea83b712'\n")},
	"more/53fffde5ad5_merge.py": {Data: []byte(`"""merge the two"""
revision = '53fffde5ad5'
down_revision = (
    'ae1027a6acf',
    '27c6a30d7c24',
)
`)},
	"ffffffffffff_next.py": {Data: []byte("\"\"\"next\"\"\"\nrevision = 'ffffffffffff'\ndown_revision = '53fffde5ad5'\n")},
}

// The scripts of Alembic say what its one row stands for, and what that is called.
func TestAlembicScripts(t *testing.T) {
	both(t, func(w world) {
		w.exec("CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)", "INSERT INTO alembic_version VALUES ('53fffde5ad5')")
		ids := []string{"20260101000000_create_account_table", "20260102000000_add_a_column", "20260103000000_add_shopping_cart_table", "20260104000000_merge_the_two", "20260105000000_next"}
		h := w.find(adopt.Query{Scripts: versions})
		plan := adopt.NewPlan(ids, nil, h, nil)
		if diff := cmp.Diff(ids[:4], plan.Mark); diff != "" || len(plan.Refusals()) > 0 {
			w.Errorf("%v (-want +got):\n%s", plan.Refusals(), diff)
		}
		w.exec("UPDATE alembic_version SET version_num = 'ae1027a6acf'")
		h = w.find(adopt.Query{Scripts: versions})
		plan = adopt.NewPlan(ids, nil, h, nil)
		if diff := cmp.Diff(ids[:2], plan.Mark); diff != "" {
			w.Errorf("one branch (-want +got):\n%s", diff)
		}
		plan = adopt.NewPlan(ids[1:], nil, h, nil)
		if diff := cmp.Diff([]string{"1975ea83b712"}, plan.Unknown); diff != "" || len(plan.Refusals()) == 0 {
			w.Errorf("a revision that is no migration (-want +got):\n%s", diff)
		}
		w.exec("UPDATE alembic_version SET version_num = 'elsewhere'")
		h = w.find(adopt.Query{Scripts: versions})
		if plan = adopt.NewPlan(ids, nil, h, nil); len(plan.Mark) > 0 || len(plan.Refusals()) == 0 {
			w.Errorf("a revision without a script: %+v", plan)
		}
	})
}
