package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/internal/pgtest"
)

const (
	startRounds = 101
	aboveFloor  = 3 * time.Millisecond
)

// BenchmarkStart is a whole process that finds nothing to do, as every replica of
// a deploy is: `migrate up` of the reference app beside a program that only connects.
func BenchmarkStart(b *testing.B) {
	_, url := pgtest.New(b)
	dir := b.TempDir() // without migrations, as in an image
	program := func(name, source string, args ...string) contender {
		file := built(b, filepath.Join(dir, name), source)
		return func(tb testing.TB) time.Duration {
			cmd := exec.Command(file, args...)
			cmd.Dir, cmd.Env = dir, append(os.Environ(), "DATABASE_URL="+url)
			return timed(tb, cmd.Run)
		}
	}
	migrate := program("migrate", "../../../cmd/migrate", "up")
	migrate(b)
	t := turns(b, startRounds, map[role]contender{ours: migrate, floor: program("connect", "./testdata/connect")})
	var more []time.Duration
	for i, d := range t[ours] {
		more = append(more, d-t[floor][i])
	}
	b.ReportMetric(median(more).Seconds()*1000, "more-ms")
	told(b, "a process with nothing to do, "+shown(median(more))+" longer", t,
		fmt.Sprintf("at most %s more", shown(aboveFloor)), met(median(more) <= aboveFloor))
}

// built is the program of a package. It is a copy of what the linker wrote: that
// lies in memory in other pieces, and starts at another speed.
func built(b *testing.B, file, source string) string {
	b.Helper()
	if out, err := exec.Command("go", "build", "-o", file+".linked", source).CombinedOutput(); err != nil {
		b.Fatalf("%s: %v\n%s", source, err, out)
	}
	text, err := os.ReadFile(file + ".linked")
	if err == nil {
		err = os.WriteFile(file, text, 0o755)
	}
	if err != nil {
		b.Fatal(err)
	}
	return file
}
