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
