package cli

import (
	"os"
	"strings"
	"testing"
)

// What a message tells to type is what was typed.
func TestCommandsAreNamedAsTheyWereCalled(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.MkdirAll("cmd/migrate", 0o755); err != nil {
		t.Fatal(err)
	}
	cached := "/home/me/.cache/go-build/89/" + strings.Repeat("0a", 32) + "-d/migrate"
	for _, tt := range []struct{ name, arg, module, main, want string }{
		{"from the path", "migrate", "m.org/shop", "m.org/shop/cmd/migrate", "migrate"},
		{"from a folder", "bin/migrate", "m.org/shop", "m.org/shop/cmd/migrate", "bin/migrate"},
		{"under another name", "./shop-db", "m.org/shop", "m.org/shop/cmd/migrate", "./shop-db"},
		{"go run, built", "/tmp/go-build12/b001/exe/migrate", "m.org/shop", "m.org/shop/cmd/migrate", "go run ./cmd/migrate"},
		{"go run, from the cache", cached, "m.org/shop", "m.org/shop/cmd/migrate", "go run ./cmd/migrate"},
		{"go run, elsewhere in the module", cached, "m.org/shop", "m.org/shop/tools/migrate", "go run m.org/shop/tools/migrate"},
		{"go run of files", "/tmp/go-build12/b001/exe/main", "", "command-line-arguments", ""},
		{"a name to quote", "/opt/my tools/migrate", "m.org/shop", "m.org/shop/cmd/migrate", ""},
		{"nothing", "", "", "", ""},
	} {
		if got := calledAs([]string{tt.arg}, tt.module, tt.main); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// A program that is part of another is named as the other's user knows it.
func TestMountedCommandsAreNamedByTheirPath(t *testing.T) {
	app := fixture("shop")
	app.Name = "shop"
	_, err, _ := outputOf(t, app, "stauts")
	if !strings.Contains(err, "did you mean: shop status") {
		t.Error(err)
	}
}
