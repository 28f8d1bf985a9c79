package settings_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/cli/settings"
)

var named = regexp.MustCompile("`([A-Z][A-Z_]*[A-Z])`")

// TestDocumentation holds the chapter on settings equal to the list of them.
func TestDocumentation(t *testing.T) {
	text, err := os.ReadFile("../../docs/settings.md")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, s := range settings.All() {
		all = append(all, s.Name)
		if !strings.Contains(string(text), "`"+s.Name+"`") {
			t.Errorf("settings.md does not name %s", s.Name)
		}
		if s.Meaning == "" || !slices.Contains(settings.Groups(), s.Group) {
			t.Errorf("%s has no meaning or no group", s.Name)
		}
	}
	for _, m := range named.FindAllStringSubmatch(string(text), -1) {
		if !slices.Contains(all, m[1]) {
			t.Errorf("settings.md names %s, which is no setting", m[1])
		}
	}
}
