package migrate

import (
	"errors"
	"strings"
	"testing"
)

func TestFindRevision(t *testing.T) {
	ids := strings.Fields("0001_initial 0002_add_users 0003_add_posts 0003_drop_x 00010_more 20261121_initial 20261122_2fa 0004_0001")
	for _, c := range []struct {
		word    string
		want    Target
		matches string
		nearest string
	}{
		{word: "head", want: Head},
		{word: "base", want: Base},
		{word: "0001_initial", want: To("0001_initial")},
		{word: "0001", want: To("0001_initial")}, // the whole number of one, the beginning of another
		{word: "0002", want: To("0002_add_users")},
		{word: "0002_a", want: To("0002_add_users")},
		{word: "20261122", want: To("20261122_2fa")},
		{word: "add_users", want: To("0002_add_users")},
		{word: "2fa", want: To("20261122_2fa")},
		{word: "0003", matches: "0003_add_posts 0003_drop_x"},
		{word: "initial", matches: "0001_initial 20261121_initial"},
		{word: "2026", matches: "20261121_initial 20261122_2fa"},
		{word: "000", matches: "00010_more 0001_initial 0002_add_users 0003_add_posts 0003_drop_x 0004_0001"},
		{word: "add_user", nearest: "0002_add_users"},
		{word: "0002_add_uesrs", nearest: "0002_add_users"},
		{word: "0002-add-users", nearest: "0002_add_users"},
		{word: "intial", nearest: "0001_initial"},
		{word: "something_else_entirely"},
		{word: ""},
	} {
		got, err := findRevision(ids, c.word)
		if c.want.kind != 0 || c.want.id != "" || c.word == "head" {
			if err != nil || got.kind != c.want.kind || got.id != c.want.id {
				t.Errorf("%q is %v, %v, want %v", c.word, got, err, c.want)
			}
			continue
		}
		var e *RevisionError
		if !errors.As(err, &e) || e.Revision != c.word || strings.Join(e.Matches, " ") != c.matches || e.Nearest != c.nearest {
			t.Errorf("%q gives %+v, want matches %q, nearest %q", c.word, err, c.matches, c.nearest)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"a", "", 1}, {"", "ab", 2}, {"abc", "abc", 0}, {"abc", "abd", 1},
		{"abc", "ac", 1}, {"abc", "xabc", 1}, {"kitten", "sitting", 3}, {"ab", "ba", 2},
	} {
		if got := distance(c.a, c.b, 9); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
		if got := distance(c.a, c.b, 1); (got > 1) != (c.want > 1) {
			t.Errorf("distance(%q, %q) with a limit of 1 = %d", c.a, c.b, got)
		}
	}
}
