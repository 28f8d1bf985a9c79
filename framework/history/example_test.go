package history_test

import (
	"fmt"

	"github.com/leavendb/leaven/framework/dialect/postgres"
	"github.com/leavendb/leaven/framework/history"
)

// The runners of one version table meet at one lock.
func ExampleStore_Key() {
	s := history.NewStore(postgres.Dialect{}, "", "")
	fmt.Println(s.Name())
	fmt.Println(s.Key().Name, s.Key().Number)
	// Output:
	// public.leaven_history
	// leaven:public.leaven_history 8547675062605552416
}
