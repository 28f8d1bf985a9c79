package migrate_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/leavendb/leaven/framework/internal/pgtest"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/uptrace/bun"
)

func (w *world) bootstrap(mode migrate.Mode, change ...func(*migrate.BootstrapOptions)) error {
	w.Helper()
	o := migrate.BootstrapOptions{Options: w.options, Mode: mode, Poll: time.Millisecond}
	for _, c := range change {
		c(&o)
	}
	return migrate.Bootstrap(w.ctx(), w.db, o)
}

// counted counts the statements that pass a pool.
type counted struct{ queries []string }

func (*counted) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }
func (c *counted) AfterQuery(_ context.Context, e *bun.QueryEvent) {
	c.queries = append(c.queries, e.Query)
}

// A start with nothing new is one statement, in every mode.
func TestBootstrapAppliesThenCostsOneRead(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.seed(2)
		if err := w.bootstrap(""); err != nil {
			t.Fatal(err)
		}
		w.sound(2)
		for _, mode := range []migrate.Mode{migrate.ModeApply, "up", migrate.ModeWait, migrate.ModeRequire, "check"} {
			seen := &counted{}
			o := migrate.BootstrapOptions{Options: w.options, Mode: mode}
			if err := migrate.Bootstrap(t.Context(), w.open(t).WithQueryHook(seen), o); err != nil {
				t.Errorf("%s: %v", mode, err)
			}
			if len(seen.queries) != 1 || !strings.HasPrefix(strings.TrimSpace(seen.queries[0]), "SELECT") {
				t.Errorf("%s: %d statements: %q", mode, len(seen.queries), seen.queries)
			}
		}
		w.sound(2)
	})
}

func TestBootstrapRequires(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.seed(2)
		if _, err := w.migrator().Up(t.Context(), migrate.Steps(1)); err != nil {
			t.Fatal(err)
		}
		err := w.bootstrap(migrate.ModeRequire)
		var pending *migrate.PendingError
		if !errors.As(err, &pending) || !errors.Is(err, migrate.ErrPending) {
			t.Fatal(err)
		}
		equal(t, "pending", pending.IDs, []string{"0001_effect", "0002_effect"})
		if got, want := err.Error(), "migrations are pending: 0001_effect, 0002_effect; apply them with: migrate up"; got != want || pending.Current != "0000_effects" {
			t.Errorf("got %s, at %s", got, pending.Current)
		}
		w.mustUp()
		if err := w.bootstrap(migrate.ModeRequire); err != nil {
			t.Error(err)
		}
	})
}

// A program that waits looks again until another one has applied everything.
func TestBootstrapWaits(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.seed(2)
		looked := make(chan migrate.Event)
		ended := make(chan error, 1)
		go func() {
			ended <- w.bootstrap(migrate.ModeWait, func(o *migrate.BootstrapOptions) {
				o.Observe = func(e migrate.Event) {
					select {
					case looked <- e:
					case <-t.Context().Done():
					}
				}
			})
		}()
		if e := <-looked; e.Kind != migrate.Waiting || e.Message != "until others have applied 3, the next is 0000_effects" {
			t.Errorf("%+v", e)
		}
		w.mustUp()
		for {
			select {
			case <-looked:
			case err := <-ended:
				if err != nil {
					t.Error(err)
				}
				w.sound(2)
				return
			}
		}
	})
}

// Waiting ends with its context, and with what waiting does not mend.
func TestBootstrapStopsWaiting(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.seed(1)
		ctx, cancel := context.WithCancel(t.Context())
		o := migrate.BootstrapOptions{Options: w.options, Mode: migrate.ModeWait, Poll: time.Hour}
		o.Observe = func(migrate.Event) { cancel() }
		if err := migrate.Bootstrap(ctx, w.db, o); !errors.Is(err, migrate.ErrStopped) || !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		w.registry.Register(migrate.Migration{ID: "0002_effect", After: []string{"0000_effects"}, Up: effect(2).Up})
		if err := w.bootstrap(migrate.ModeWait); !errors.Is(err, migrate.ErrTwoHeads) {
			t.Error(err)
		}
	})
}

// Who only waits or requires needs the right to read, and no other.
func TestBootstrapReadsOnly(t *testing.T) {
	w := onPostgres(t)
	db, url := pgtest.New(t)
	w.db = db
	w.seed(1).mustUp()
	name, login := pgtest.Role(t, url)
	if _, err := db.Exec("GRANT SELECT ON ALL TABLES IN SCHEMA public TO ?", bun.Ident(name)); err != nil {
		t.Fatal(err)
	}
	w.db = pgtest.Open(t, login)
	for _, mode := range []migrate.Mode{migrate.ModeWait, migrate.ModeRequire, migrate.ModeApply} {
		if err := w.bootstrap(mode); err != nil {
			t.Errorf("%s: %v", mode, err)
		}
	}
}

// In a rolling deploy an old instance starts again on a newer database.
func TestBootstrapOnANewerDatabase(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.seed(2).mustUp()
		w.options.Registry = migrate.NewRegistry()
		w.registry = w.options.Registry
		w.seed(1)
		for _, mode := range []migrate.Mode{migrate.ModeApply, migrate.ModeWait, migrate.ModeRequire} {
			var notes []string
			hear := func(o *migrate.BootstrapOptions) {
				o.Observe = func(e migrate.Event) {
					if e.Kind == migrate.Note {
						notes = append(notes, e.Message)
					}
				}
			}
			if err := w.bootstrap(mode, hear); err != nil {
				t.Errorf("%s: %v", mode, err)
			}
			if len(notes) != 1 || !strings.Contains(notes[0], "0002_effect") {
				t.Errorf("%s: %q", mode, notes)
			}
			strict := func(o *migrate.BootstrapOptions) { o.Strict = true }
			if err := w.bootstrap(mode, strict); !errors.Is(err, migrate.ErrUnknown) {
				t.Errorf("%s, strictly: %v", mode, err)
			}
		}
	})
}

func TestBootstrapRefuses(t *testing.T) {
	w := onSQLite(t)
	if err := w.bootstrap(migrate.ModeOff); err != nil {
		t.Error(err)
	}
	if err := w.bootstrap("on"); !errors.Is(err, migrate.ErrConfig) || !strings.Contains(err.Error(), `"on" is no mode`) {
		t.Error(err)
	}
	for _, mode := range []migrate.Mode{migrate.ModeApply, migrate.ModeWait, migrate.ModeRequire} {
		if err := w.bootstrap(mode); !errors.Is(err, migrate.ErrConfig) || err.Error() != "this program has no migrations" {
			t.Errorf("%s: %v", mode, err)
		}
	}
	w.registry.Register(migrate.Migration{ID: "0001_nothing"})
	if err := w.bootstrap(""); !errors.Is(err, migrate.ErrRegistry) {
		t.Error(err)
	}
}

// The handler tells where a start is, and never why it failed.
func TestReadiness(t *testing.T) {
	w := onSQLite(t).seed(0)
	ready := &migrate.Readiness{}
	ask := func(want int) map[string]any {
		t.Helper()
		rec := httptest.NewRecorder()
		ready.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		var body map[string]any
		if err := json.Unmarshal(rec.Body.Bytes(), &body); err != nil || rec.Code != want || ready.Ready() != (want == http.StatusOK) {
			t.Errorf("%d, want %d, %v: %s", rec.Code, want, err, rec.Body)
		}
		return body
	}
	says := func(body map[string]any, want string) {
		t.Helper()
		text := fmt.Sprint(body["ready"], " ", body["state"], " ", body["migration"], " ", body["number"], "/", body["migrations"], " ", body["done"], "/", body["total"], " ", body["applied"])
		if text != want {
			t.Errorf("got  %s\nwant %s", text, want)
		}
	}
	says(ask(http.StatusServiceUnavailable), "false starting <nil> <nil>/<nil> <nil>/<nil> 0")
	w.add(1, func(m *migrate.Migration) {
		m.Up = func(ctx context.Context, _ bun.IDB) error {
			migrate.ReportProgress(ctx, 40, 100)
			says(ask(http.StatusServiceUnavailable), "false migrating 0001_effect 2/2 40/100 1")
			return nil
		}
	})
	tell := func(o *migrate.BootstrapOptions) { o.Readiness = ready }
	if err := w.bootstrap("", tell); err != nil {
		t.Fatal(err)
	}
	says(ask(http.StatusOK), "true ready <nil> <nil>/2 <nil>/<nil> 2")

	w.add(2, func(m *migrate.Migration) {
		m.Up = func(context.Context, bun.IDB) error { return errors.New("secret") }
	})
	if err := w.bootstrap("", tell); err == nil {
		t.Fatal("it did not fail")
	}
	body := ask(http.StatusServiceUnavailable)
	says(body, "false failed <nil> <nil>/3 <nil>/<nil> 0")
	if strings.Contains(fmt.Sprint(body), "secret") {
		t.Error(body)
	}
}
