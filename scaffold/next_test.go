package scaffold_test

import (
	"strings"
	"testing"
	"time"

	"github.com/leavendb/leaven/scaffold"
)

func TestNext(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 5e8, time.FixedZone("", 3600))
	for _, test := range []struct{ what, words, taken, want string }{
		{"the first", "initial", "", "20260301110000_initial"},
		{"after a time", "b", "20260101090000_a", "20260301110000_b"},
		{"the same second", "b", "20260301110000_a", "20260301110001_b"},
		{"a clock that was ahead", "b", "20270101000000_a 20260101090000_x", "20270101000001_b"},
		{"as written", "AddUsers_2", "20260101090000_a", "20260301110000_AddUsers_2"},
		{"no words", "", "20260101090000", "20260301110000"},
		{"a counter", "b", "0001_initial 0002_a", "0003_b"},
		{"with a carry", "b", "0099_a", "0100_b"},
		{"no words", "", "0001 0002", "0003"},
		{"narrow", "b", "1_a", "2_b"},
		{"a counter, then a time", "b", "0001_initial 20260101090000_a", "20260301110000_b"},
		{"a counter that is greater than a time", "b", "20260101090000_a 5000_b", "5001_b"},
		{"digits that are no time", "b", "99999999999998_a", "99999999999999_b"},
		{"a name that is no ID", "b", "0001_a 0x_b", "0002_b"},
		{"the last counter", "b", "9_a", "error: wider"},
	} {
		got, err := scaffold.Next(now, test.words, strings.Fields(test.taken))
		if part, ok := strings.CutPrefix(test.want, "error: "); ok {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%s: got %q, %v", test.what, got, err)
			}
			continue
		}
		if err != nil || got != test.want {
			t.Errorf("%s: got %q, %v, want %q", test.what, got, err, test.want)
		}
		for id := range strings.FieldsSeq(test.taken) {
			if id != "0x_b" && got <= id {
				t.Errorf("%s: %s does not come after %s", test.what, got, id)
			}
		}
	}
}
