package scaffold_test

import (
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/leavendb/leaven/scaffold"
)

func ExampleMerge_File() {
	text, err := scaffold.Merge{ID: "20260105090000_merge", After: []string{"20260103090000_likes", "20260104090000_ours"}}.File()
	fmt.Printf("%s%v\n", text, err)
	// Output:
	// package migrations
	//
	// import (
	// 	"context"
	//
	// 	"github.com/leavendb/leaven/framework/migrate"
	// 	"github.com/uptrace/bun"
	// )
	//
	// // Joins branches that were written side by side. There is nothing to do: it says
	// // what the next migration comes after.
	// func init() {
	// 	migrate.Register(migrate.Migration{
	// 		ID:    "20260105090000_merge",
	// 		After: []string{"20260103090000_likes", "20260104090000_ours"},
	// 		Up:    func(context.Context, bun.IDB) error { return nil },
	// 		Down:  func(context.Context, bun.IDB) error { return nil },
	// 	})
	// }
	// <nil>
}

// What is written is read back as the one head.
func TestMergeBecomesTheHead(t *testing.T) {
	text, err := scaffold.Merge{ID: "4_merge", After: []string{"2_a", "3_b"}, Package: "db"}.File()
	if err != nil {
		t.Fatal(err)
	}
	folder, err := scaffold.ReadFolder(fstest.MapFS{"4_merge.go": {Data: text}})
	if err != nil {
		t.Fatal(err)
	}
	folder.Add(scaffold.Node{ID: "1"}, scaffold.Node{ID: "2_a", After: []string{"1"}}, scaffold.Node{ID: "3_b", After: []string{"1"}})
	if heads := folder.Heads(); len(heads) != 1 || heads[0] != "4_merge" || folder.Package != "db" {
		t.Errorf("heads %q of package %s", heads, folder.Package)
	}
}

func TestMergeNeedsTwoHeads(t *testing.T) {
	if _, err := (scaffold.Merge{ID: "2", After: []string{"1"}}).File(); err == nil {
		t.Error("one head is nothing to join")
	}
}
