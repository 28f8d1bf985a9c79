package cli

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/leavendb/leaven/framework/internal/sqlitetest"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/uptrace/bun"
)

// shopWith is an application with flags of its own, into which we are mounted;
// run calls it.
func shopWith(t *testing.T, define func(*pflag.FlagSet)) (run func(args ...string) (string, int)) {
	path := filepath.Join(t.TempDir(), "shop.db")
	return func(args ...string) (string, int) {
		app := fixture("shop")
		app.Name = "db"
		app.Environ = []string{}
		app.Open = func(context.Context) (*bun.DB, error) { return sqlitetest.Open(t, path), nil }
		shop := &cobra.Command{Use: "shop", SilenceErrors: true, SilenceUsage: true}
		define(shop.PersistentFlags())
		shop.AddCommand(New(app), &cobra.Command{Use: "serve", Run: func(*cobra.Command, []string) {}})
		var out bytes.Buffer
		shop.SetOut(&out)
		shop.SetErr(&out)
		shop.SetArgs(args)
		code := ExitCode(shop.Execute())
		return out.String(), code
	}
}

// The application's persistent flags work before and behind our commands; where
// one has the name of ours, ours is meant there.
func TestMountedUnderAnApplicationsFlags(t *testing.T) {
	var config string
	var verbose, asJSON bool
	run := shopWith(t, func(fs *pflag.FlagSet) {
		fs.StringVarP(&config, "config", "c", "", "the shop's settings")
		fs.BoolVarP(&verbose, "verbose", "v", false, "say more")
		fs.BoolVar(&asJSON, "json", false, "of the shop's own commands")
		fs.String("env-file", "", "of the shop")
	})
	for _, tt := range []struct {
		args   string
		code   int
		config string
		want   string
	}{
		{"--config a.toml db up 1", 0, "a.toml", "Applied 1 migration"},
		{"db up 1 -c b.toml", 0, "b.toml", "Applied 1 migration"},
		{"db --config c.toml status -v", 0, "c.toml", "To apply, run: shop db up"},
		{"db current -v", 0, "", "applied"},
		{"db current --json", 0, "", `"command": "current"`},
		{"db down 3", 2, "", "run: shop db down --to base"},
		{"db up --help", 0, "", "  shop db up [N | REVISION] [flags]"},
		{"db up --help", 0, "", "  shop db up --to 20261121090000_add_invoices"},
		{"db up --help", 0, "", "Flags of shop:\n  -c, --config string   the shop's settings"},
		{"db help", 0, "", "To begin, run `shop db`"},
		{"db help exit-codes", 0, "", "130"},
		{"help db up", 0, "", "  shop db up [N | REVISION] [flags]"},
		{"db completion bash", 0, "", "# bash completion V2 for shop"},
		{"__complete db down --to 2026", 0, "", "20260102090000_posts"},
		{"serve --json", 0, "", ""},
	} {
		config, asJSON = "", false
		out, code := run(strings.Fields(tt.args)...)
		if code != tt.code || config != tt.config || !strings.Contains(out, tt.want) {
			t.Errorf("shop %s: code %d, config %q\n%s", tt.args, code, config, out)
		}
		if strings.Contains(out, "{migrate}") {
			t.Errorf("shop %s:\n%s", tt.args, out)
		}
		if asJSON != (tt.args == "serve --json") {
			t.Errorf("shop %s: the application's own --json is %t", tt.args, asJSON)
		}
	}
}

// A letter of ours panics in pflag where an application has it for a persistent
// flag of another name: so a new one is to be thought about, and told in the
// chapter on the command line.
func TestLettersOfFlags(t *testing.T) {
	p := newProgram(App{}, nil)
	letters := map[string][]string{}
	for _, c := range append(shown(p), p.root) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Shorthand != "" && strings.Trim(f.Shorthand, "0123456789") != "" && !slices.Contains(letters[f.Shorthand], f.Name) {
				letters[f.Shorthand] = append(letters[f.Shorthand], f.Name)
			}
		})
	}
	delete(letters, "h")
	if len(letters) != 3 || !slices.Equal(letters["m"], []string{"message"}) || !slices.Equal(letters["n"], []string{"limit"}) || !slices.Equal(letters["v"], []string{"verbose"}) {
		t.Errorf("letters %q", letters)
	}
}
