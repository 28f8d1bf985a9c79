package migrate

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestCheckID(t *testing.T) {
	good := []string{
		"0", "1", "0001", "0001_initial", "20261121090000_add_invoices", "1_A", "7__x", "7_2fa", "7_x_",
		"1_" + strings.Repeat("x", maxID-2),
	}
	for _, id := range good {
		if err := checkID(id); err != nil {
			t.Errorf("checkID(%q) = %v, want nil", id, err)
		}
	}
	bad := []string{
		"", "_", "a", "initial", "0001_", "0001-initial", "0001 initial", "0001_é", "0001_a/b", "0001_a.go", "١_x",
		"-1", "+1", "1_\x00", "../1", "1_a\n", "1a", "a_1", "1_" + strings.Repeat("x", maxID-1),
	}
	for _, id := range bad {
		if checkID(id) == nil {
			t.Errorf("checkID(%q) = nil, want an error", id)
		}
	}
}

func TestMisordered(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"10_b", "9_a", true},
		{"10_b", "2", true},
		{"0009_a", "0010_b", false},
		{"0001_initial", "20261121090000_x", false},
		{"01", "1", false},
		{"100", "99_x", true},
		{"1_a", "1_b", false},
	} {
		if got := misordered(c.a, c.b); got != c.want {
			t.Errorf("misordered(%q, %q) = %v", c.a, c.b, got)
		}
	}
}

func TestBuiltOnlyOn(t *testing.T) {
	for id, want := range map[string]string{
		"0001":                      "",
		"0001_initial":              "",
		"0001_windows":              "windows",
		"0001_add_linux":            "linux",
		"0001_linux_amd64":          "amd64",
		"0001_add_test":             "test",
		"0001_windows_users":        "",
		"0001_mywindows":            "",
		"0001_x_":                   "",
		"20261121090000_support_js": "js",
	} {
		if got := builtOnlyOn(id); got != want {
			t.Errorf("builtOnlyOn(%q) = %q, want %q", id, got, want)
		}
	}
}

// An ID that is accepted can be a file name, stands alone in SQL and on a command
// line, and names one file in its directory.
func FuzzID(f *testing.F) {
	for _, id := range []string{"", "0001_initial", "1", "_", "0001_", "../0001", "0001_a\x00b", "20261121_é", "1_a;b"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		err := checkID(id)
		_ = builtOnlyOn(id)
		_ = misordered(id, "1_a")
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\x00\x1b") {
				t.Errorf("the message %q holds control characters", err)
			}
			return
		}
		if id == "" || len(id) > maxID {
			t.Errorf("%q has a length of %d", id, len(id))
		}
		if !isDigit(id[0]) || !made(id, isWord) {
			t.Errorf("%q holds something else than letters, digits and underscores", id)
		}
		if name := id + ".go"; filepath.Base(name) != name || !filepath.IsLocal(name) {
			t.Errorf("%q is not one file", name)
		}
		if got := numberOf(id); nameOf(id) != "" && got+"_"+nameOf(id) != id {
			t.Errorf("%q is not its number %q and its name %q", id, got, nameOf(id))
		}
	})
}
