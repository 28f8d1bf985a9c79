package migrate_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/migrate"
)

// childEnv makes a copy of this test binary a runner of its own: a process that
// can be killed or stopped.
const childEnv = "LEAVEN_MIGRATE_CHILD"

// orders are what such a process is told.
type orders struct {
	URL     string
	Fixture string
	Do      string // up, up1
	Stop    string // the point at which it stops until it is told to go on
}

func TestMain(m *testing.M) {
	if text := os.Getenv(childEnv); text != "" {
		os.Exit(beChild(text))
	}
	os.Exit(m.Run())
}

// beChild carries orders out. It says on its standard output where it is: "at
// POINT" where it stops, "did ID" for each step of its own, and "error: …". It
// ends with its standard input, so that none outlives its test.
func beChild(text string) int {
	var o orders
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		fmt.Println("error:", err)
		return 2
	}
	db, err := openURL(o.URL)
	if err != nil {
		fmt.Println("error:", err)
		return 2
	}
	goOn := make(chan struct{})
	go func() {
		for in := bufio.NewScanner(os.Stdin); in.Scan(); {
			goOn <- struct{}{}
		}
		os.Exit(9)
	}()
	var once sync.Once
	at := func(point string) {
		if point == o.Stop {
			once.Do(func() {
				fmt.Println("at", point)
				<-goOn
			})
		}
	}
	options := migrate.Options{Registry: migrate.NewRegistry(), RunnerWait: time.Minute}
	options.Observe = func(e migrate.Event) { at(string(e.Kind) + " " + e.ID) }
	fixtures[o.Fixture](options.Registry, stage{at: at})
	m, err := migrate.New(db, options)
	if err != nil {
		fmt.Println("error:", err)
		return 2
	}
	at("ready")
	report, err := perform(m, o.Do)
	for _, s := range report.Steps {
		if !s.Other {
			fmt.Println("did", s.ID)
		}
	}
	if err != nil {
		fmt.Println("error:", err)
		return 1
	}
	return 0
}

func perform(m *migrate.Migrator, what string) (*migrate.Report, error) {
	if what == "up1" {
		return m.Up(context.Background(), migrate.Steps(1))
	}
	return m.Up(context.Background(), migrate.Head)
}
