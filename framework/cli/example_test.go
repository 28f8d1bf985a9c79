package cli_test

import (
	"fmt"
	"os"

	"github.com/leavendb/leaven/framework/cli"
	_ "github.com/leavendb/leaven/framework/dialect/sqlite"
	"github.com/leavendb/leaven/framework/migrate"
)

// The commands run on any registry, and write where cobra is told to.
func ExampleNew() {
	root := cli.New(cli.App{Name: "migrate", Registry: migrate.NewRegistry(), Environ: []string{"DATABASE_URL=sqlite::memory:"}})
	root.SetOut(os.Stdout)
	root.SetErr(os.Stdout)

	root.SetArgs([]string{"status"})
	fmt.Println("exit code", cli.ExitCode(root.Execute()))

	root.SetArgs([]string{"stauts"})
	fmt.Println("exit code", cli.ExitCode(root.Execute()))

	// Output:
	// Database: sqlite::memory: (from DATABASE_URL)
	// There are no migrations yet. To write the first, run: migrate new NAME
	// exit code 0
	// Error: there is no command "stauts".
	// Next:  did you mean: migrate status
	// exit code 2
}
