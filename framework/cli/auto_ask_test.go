package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// On a terminal a rename is asked about; without a yes it is a loss of data.
func TestRenamesAreAskedAboutOnATerminal(t *testing.T) {
	_, address := database(t, "sqlite")
	if out, err := asProgram(t, "shop", address, "up").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for answer, want := range map[string]string{"y": "op.RenameColumn{", "n": "data loss"} {
		cmd := asProgram(t, "shop", address, "new", "--diff")
		cmd.Env = append(cmd.Env, "MODELS=changed")
		cmd.Dir = t.TempDir()
		if err := os.Mkdir(filepath.Join(cmd.Dir, "migrations"), 0o755); err != nil {
			t.Fatal(err)
		}
		screen, code := terminal(t, cmd, 120, answer)
		if code != 0 || !strings.Contains(screen, "Was column posts.title called posts.name until now?") || !strings.Contains(screen, want) {
			t.Errorf("%s: %d\n%s", answer, code, screen)
		}
		if strings.Contains(screen, "op.RenameColumn{") != (answer == "y") {
			t.Errorf("%s:\n%s", answer, screen)
		}
	}
}
