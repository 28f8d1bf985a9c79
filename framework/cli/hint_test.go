package cli

import (
	"strings"
	"testing"
)

// The GRANT that is advised is for what was denied.
func TestAdvisedGrantIsForWhatWasDenied(t *testing.T) {
	for message, want := range map[string]string{
		"permission denied for schema public":        "GRANT CREATE ON SCHEMA public",
		"permission denied for table leaven_history": "GRANT SELECT, INSERT, UPDATE, DELETE ON leaven_history TO",
	} {
		if got := privilegeNext(message); !strings.Contains(got[0], want) {
			t.Errorf("%s: %q", message, got)
		}
	}
}
