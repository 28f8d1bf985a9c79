package faults

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/internal/pgtest"
)

var (
	seeds  = flag.Int("seeds", 1, "how often to play each row in which something is random")
	seed   = flag.Uint64("seed", 0, "the seed of the first play; 0: from the clock")
	slow   = flag.Bool("slow", false, "play the rows that wait for minutes, and no others")
	report = flag.Bool("report", false, "print the table of rows")
)

// row is one fault.
type row struct {
	name   string
	on     []place
	play   func(*world)
	steady bool          // nothing in it is random: many seeds play it once
	slow   bool          // it waits as long as people would
	alone  bool          // its figure would suffer from other rows beside it
	bound  time.Duration // what is promised of the figure; 0: nothing
	figure string        // what is measured; empty: from the fault to the end of the next run
}

// place is where a row plays.
type place string

const (
	direct place = "direct" // PostgreSQL
	pooled place = "pooled" // PostgreSQL behind PgBouncer in transaction mode
	file   place = "sqlite"
)

var (
	everywhere = []place{direct, pooled, file}
	postgres   = []place{direct, pooled}
	onlyDirect = []place{direct}
	onlyPooled = []place{pooled}
	onlyFile   = []place{file}
)

// rows are all of them. Each file adds its own.
var rows []row

func add(r ...row) bool {
	rows = append(rows, r...)
	return true
}

var program string // the compiled misbehave

func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue {
		_ = f.Value.Set("6") // rows mostly wait
	}
	dir, err := os.MkdirTemp("", "leaven-faults-")
	if err != nil {
		panic(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil { // other accounts run it too
		panic(err)
	}
	program = filepath.Join(dir, "migrate")
	build := exec.Command("go", append(buildFlags, "-o", program, "./misbehave")...)
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build ./misbehave: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	if *report {
		results.print(os.Stdout)
	}
	os.Exit(code)
}

// TestFaults plays the rows.
func TestFaults(t *testing.T) {
	server := pgtest.URL(t)
	pool := pgtest.Pooler(t, server)
	first := *seed
	if first == 0 {
		first = uint64(time.Now().UnixNano())
	}
	for _, alone := range []bool{true, false} {
		for _, r := range rows {
			if r.alone != alone || r.slow != *slow {
				continue
			}
			for _, p := range r.on {
				for i := range plays(r) {
					t.Run(fmt.Sprintf("%s/%s/%d", strings.ReplaceAll(r.name, " ", "_"), p, first+uint64(i)), func(t *testing.T) {
						if !alone {
							t.Parallel()
						}
						play(t, r, p, pool, first+uint64(i))
					})
				}
			}
		}
	}
}

func plays(r row) int {
	if r.steady || r.slow {
		return 1
	}
	return *seeds
}

func play(t *testing.T, r row, p place, pool string, seed uint64) {
	w := newWorld(t, p, pool)
	if r.slow {
		w.hangs = longPatience
	}
	w.random = rand.New(rand.NewPCG(seed, 1))
	t.Cleanup(func() {
		results.add(r, p, t.Failed(), w.figures)
		if !t.Failed() {
			return
		}
		t.Logf("what the programs said:\n%s", strings.Join(w.said, "\n"))
		name := strings.Join(strings.Split(t.Name(), "/")[:3], "$/^")
		flags := map[bool]string{true: " -slow"}[r.slow]
		if r.steady && *seeds > 1 {
			flags += " -seeds 2" // where every N is played
		}
		t.Logf("to play it again: go test ./framework/internal/faults -run '^%s$' -seed %d%s", name, seed, flags)
	})
	r.play(w)
	w.discreet()
}

// TestRowsAreNamed keeps the table readable and the reproduction of a row unique.
func TestRowsAreNamed(t *testing.T) {
	var names []string
	for _, r := range rows {
		if slices.Contains(names, r.name) || strings.ContainsAny(r.name, "/$^()|'") || len(r.on) == 0 {
			t.Errorf("%q is there twice, has a letter of patterns or a quote in it, or plays nowhere", r.name)
		}
		names = append(names, r.name)
	}
}
