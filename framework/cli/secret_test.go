package cli

import (
	"net/url"
	"strings"
	"testing"
)

// No output of any command has the password of a connection that fails, in any
// of its forms.
func TestNoSecretInAnyOutput(t *testing.T) {
	t.Chdir(t.TempDir())
	const canary = "cAn%ary/7&é'\"x"
	encoded := url.QueryEscape(canary)
	forms := []string{canary, encoded, url.PathEscape(canary), "cAn", "ary/7", "ary%2F7"}
	for _, address := range []string{
		"postgres://app:" + encoded + "@127.0.0.1:1/shop",
		"postgres://app:" + encoded + "@127.0.0.1:banana/shop",
		"postgres://app:" + canary + "@127.0.0.1:1/shop",
		"postgres://app:" + encoded + "@[::1/shop",
		"postgres://127.0.0.1:1/shop?password=" + encoded,
		"postgres://app:" + encoded + "@127.0.0.1:1/shop?sslmode=" + "no",
		"postgres://app:" + encoded + "@127.0.0.1:1/shop?sslmode=require&nonsense=1",
		"mysql://app:" + encoded + "@localhost/shop",
		"app:" + encoded + "@localhost/shop",
		"host=127.0.0.1 port=1 password=" + encoded,
		"sqlite:/dev/null/x.db?_key=" + encoded,
	} {
		for _, args := range [][]string{
			{}, {"up"}, {"up", "--debug"}, {"down"}, {"redo"}, {"status"}, {"history"}, {"current"}, {"pending"}, {"show", "x"}, {"validate"}, {"stamp", "head"},
			{"resolve", "--applied", "x"}, {"repair", "x"}, {"info"}, {"wait", "--for", "1ms"}, {"new", "x"}, {"version"}, {"help"}, {"up", address}, {address}, {"status", "--exit-code=" + address},
		} {
			for _, more := range [][]string{nil, {"--json"}} {
				for _, environ := range [][]string{{"DATABASE_URL=" + address}, {"DATABASE_URL=" + address, "LOG_FORMAT=json"}, nil} {
					all := append(append([]string{}, args...), more...)
					if environ == nil {
						all = append(all, "--database-url", address)
					}
					app := fixture("shop")
					app.Environ = append([]string{"APP_ENV=test"}, environ...)
					out, err, _ := outputOf(t, app, all...)
					for _, form := range forms {
						if strings.Contains(out+err, form) {
							t.Fatalf("%q %q: %q in\n%s%s", environ, all, form, out, err)
						}
					}
				}
			}
		}
	}
}

// A password of a letter or two is not cut out of words: what is left would be
// unreadable, and would tell it. As a word of its own it goes.
func TestShortPasswordsLeaveTextReadable(t *testing.T) {
	for _, tt := range []struct{ password, text, want string }{
		{"y", "mysql: my y, and (y)", "mysql: my ***, and (***)"},
		{"1", "127.0.0.1:1 refused 1 in 10", "127.0.0.***:*** refused *** in 10"},
		{"ab", "about ab ab abab", "about *** *** abab"},
		{"long", "belonging", "be***ing"},
	} {
		c := &call{link: link{URL: "postgres://u:" + tt.password + "@h/x"}}
		if got := c.scrub(tt.text); got != tt.want {
			t.Errorf("%q in %q: got %q, want %q", tt.password, tt.text, got, tt.want)
		}
	}
}

// What we say about how an address is written has nothing to hide.
func TestAdviceOnAddressesIsReadable(t *testing.T) {
	app := fixture("shop")
	_, err, code := outputOf(t, app, "status", "--database-url", "postgres:/x")
	if code != codeUsage || !strings.Contains(err, "postgres://USER:PASSWORD@HOST:5432/NAME") {
		t.Error(code, err)
	}
}
