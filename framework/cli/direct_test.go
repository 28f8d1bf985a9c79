package cli

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptrace/bun"
)

// Behind a pooler people are told to set DIRECT_DATABASE_URL; that has to help
// also where the application opens the database.
func TestWhatWinsOverTheApplicationsOpen(t *testing.T) {
	for _, tt := range []struct {
		variable string
		opened   bool
	}{
		{"", true},
		{"DATABASE_URL", true},
		{"DIRECT_DATABASE_URL", false},
		{"MIGRATE_DATABASE_URL", false},
	} {
		t.Run(tt.variable, func(t *testing.T) {
			opened := false
			app := fixture("shop")
			app.Environ = []string{}
			if tt.variable != "" {
				app.Environ = append(app.Environ, tt.variable+"=sqlite:"+filepath.Join(t.TempDir(), "shop.db"))
			}
			app.Open = func(context.Context) (*bun.DB, error) {
				opened = true
				return nil, errors.New("the application was asked")
			}
			stdout, stderr, code := outputOf(t, app, "up")
			if opened != tt.opened || (code == codeOK) == tt.opened {
				t.Errorf("the application opened the database: %t; exit code %d\n%s%s", opened, code, stdout, stderr)
			}
			if !tt.opened && !strings.Contains(stderr, "(from "+tt.variable+";") {
				t.Errorf("the header does not name %s:\n%s", tt.variable, stderr)
			}
		})
	}
}
