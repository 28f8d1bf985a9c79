package migrate_test

import (
	"runtime"
	"testing"

	"github.com/leavendb/leaven/framework/migrate"
)

// A run has a goroutine of its own; what an observer does to it is done to the
// caller's, where a panic may be recovered.
func TestWhatAnObserverDoesIsDoneToTheCaller(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		does func()
		want any
	}{
		"panic":  {func() { panic("out of paper") }, "out of paper"},
		"Goexit": {runtime.Goexit, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := onPostgres(t).seed(1)
			w.options.Observe = func(migrate.Event) { c.does() }
			m := w.migrator()
			returned, recovered, ended := false, any(nil), make(chan struct{})
			go func() {
				defer close(ended)
				defer func() { recovered = recover() }()
				_, _ = m.Up(w.ctx(), migrate.Head)
				returned = true
			}()
			<-ended
			if returned || recovered != c.want {
				t.Errorf("Up has returned: %t, recovered: %v", returned, recovered)
			}
		})
	}
}
