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
	code := m.Run()
	results.print(os.Stdout)
	os.Exit(code)
}
