package bench

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	if url := os.Getenv(racerEnv); url != "" {
		race(url)
		return
	}
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		panic(err)
	}
	folder = dir
	code := m.Run()
	results.print(os.Stdout)
	_ = os.RemoveAll(dir)
	os.Exit(code)
}
