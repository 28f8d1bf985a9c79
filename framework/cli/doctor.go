package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/spf13/cobra"
	"github.com/uptrace/bun"
)

// doctorLimit is how long the doctor waits for the database in all.
const doctorLimit = 30 * time.Second

func (p *program) doctorCommand() *cobra.Command {
	return p.verb(leaf{
		use: "doctor", group: groupAbout,
		short: "Look for what is wrong, from the settings to the history, each with its fix",
		long: "Looks at the settings, the way to the server (name, port, TLS, login), the user's rights,\n" +
			"the history, the migrations and the models. Each line is ok, warn or fail; what is not ok\n" +
			"has its fix below. It changes nothing. The exit code is that of the first line that fails.",
		example: "  {migrate} doctor\n  {migrate} doctor --json",
		do: func(c *call) (view, error) {
			return c.look(func() (view, error) { return c.doctor(), nil })
		},
	})
}

// doctorView is what the doctor found, in the order in which it looked.
type doctorView struct {
	Healthy bool       `json:"healthy"` // nothing fails
	Checks  []*finding `json:"checks"`
	code    int
}

// finding is one line of the doctor.
type finding struct {
	Name   string   `json:"name"`
	Status string   `json:"status"` // ok, warn, fail
	Detail string   `json:"detail"`
	Next   []string `json:"next,omitempty"`
}

func (v *doctorView) exitCode() int { return v.code }

// ok, warn and fail add a line.
func (v *doctorView) ok(name, detail string) {
	v.Checks = append(v.Checks, &finding{Name: name, Status: "ok", Detail: detail})
}

func (v *doctorView) warn(name, detail string, next ...string) {
	v.Checks = append(v.Checks, &finding{Name: name, Status: "warn", Detail: detail, Next: next})
}

func (v *doctorView) fail(name string, code int, detail string, next ...string) {
	v.Checks = append(v.Checks, &finding{Name: name, Status: "fail", Detail: detail, Next: next})
	v.Healthy = false
	if v.code == codeOK {
		v.code = code
	}
}

// failed adds a line for an error, explained as it would be elsewhere.
func (c *call) failed(v *doctorView, name string, err error) {
	e := c.explain(err)
	text := e.What
	if len(e.Why) > 0 {
		text += ": " + strings.Join(e.Why, "; ")
	}
	v.fail(name, e.code, text, e.Next...)
}

func (c *call) doctor() *doctorView {
	v := &doctorView{Healthy: true}
	ctx, cancel := context.WithTimeout(c.ctx, doctorLimit)
	defer cancel()
	if c.doctorSettings(v) {
		c.headed = true // the first line says the same
		if c.doctorAddress(ctx, v) {
			c.doctorDatabase(ctx, v)
		}
	}
	c.doctorMigrations(v)
	c.doctorModels(v)
	for _, f := range v.Checks {
		f.Detail = c.scrub(f.Detail)
		for i := range f.Next {
			f.Next[i] = c.scrub(c.self(c.qualify(f.Next[i])))
		}
	}
	return v
}

// doctorSettings reports whether we know where the database is.
func (c *call) doctorSettings(v *doctorView) bool {
	err := c.locate()
	if err != nil {
		c.failed(v, "settings", err)
	} else {
		v.ok("settings", "database "+c.link.describe())
	}
	for _, from := range c.set.Database.Overridden {
		v.ok("settings", "not used: "+origin(from)+", because "+c.link.stronger())
	}
	env := c.appEnv()
	switch {
	case env == "":
		v.ok("settings", "APP_ENV is not set: development")
	case c.guarded():
		v.ok("settings", "APP_ENV is "+env+": guarded")
	default:
		v.ok("settings", "APP_ENV is "+env)
	}
	stray := c.strayVariables()
	for _, name := range slices.Sorted(maps.Keys(stray)) {
		next := "unset it"
		if stray[name] != "" {
			next = "did you mean: " + stray[name]
		}
		v.warn("settings", name+" is set, and stands for no flag", next)
	}
	return err == nil
}

// doctorAddress reports whether the way to the database is free.
func (c *call) doctorAddress(ctx context.Context, v *doctorView) bool {
	if c.link.URL == "" {
		return true // only the application knows it
	}
	_, opener, err := openerFor(c.link)
	if err != nil {
		c.failed(v, "address", err)
		return false
	}
	prober, ok := opener.(dialect.Prober)
	if !ok {
		return true
	}
	if parameters, err := prober.Parameters(c.link.URL); err == nil {
		v.ok("address", written(parameters))
	}
	return c.examine(v, prober.ProbeAddress(ctx, c.link.URL))
}

// written is a line of parameters.
func written(parameters []dialect.Parameter) string {
	var all []string
	for _, p := range parameters {
		text := p.Name + " " + p.Value
		if p.From != "" {
			text += " (from " + p.From + ")"
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

// examine adds what a dialect has found, and reports whether nothing failed.
func (c *call) examine(v *doctorView, checks []dialect.Check) bool {
	well := true
	for _, check := range checks {
		next := lines(check.Next)
		switch {
		case check.Err != nil:
			well = false
			c.examined(v, check, next)
		case check.Warning != "":
			v.warn(check.Name, strings.TrimPrefix(check.Detail+": "+check.Warning, ": "), next...)
		default:
			v.ok(check.Name, check.Detail)
		}
	}
	return well
}

// examined adds a check that failed. An address that cannot be read is refused
// as when it is opened; the rest is a fault of the database.
func (c *call) examined(v *doctorView, check dialect.Check, next []string) {
	if check.Name == "address" {
		c.failed(v, check.Name, badAddress(c.link, check.Err))
		return
	}
	fault := c.classify(check.Err)
	if check.Class != dialect.Other {
		fault = dialect.Fault{Class: check.Class}
	}
	e := &migrate.DatabaseError{Kind: migrate.ErrUnreachable, Fault: fault, Err: check.Err}
	x := c.explain(e)
	if len(next) == 0 {
		next = x.Next
	}
	if fault.Class == dialect.NoPrivilege {
		x.code = codeUsage // as up says it: the database is well, and this user is the wrong one
	}
	v.fail(check.Name, x.code, faultText(fault, check.Err), next...)
}

// doctorDatabase looks at rights and at the history.
func (c *call) doctorDatabase(ctx context.Context, v *doctorView) {
	m, err := c.migrator()
	if err != nil {
		c.failed(v, "database", err)
		return
	}
	if prober, ok := c.conn.dialect.(dialect.Prober); ok {
		role := c.variableOf("role")
		table := c.shared.historyTable
		if table == "" {
			table = defaultHistoryTable
		}
		probe := dialect.Probe{HistorySchema: c.shared.historySchema, HistoryTable: table, Role: role}
		if !c.examine(v, prober.ProbeDatabase(ctx, c.conn.db, probe)) {
			return
		}
	}
	s, err := m.Status(ctx)
	var broken *migrate.RegistryError
	switch {
	case errors.As(err, &broken):
		return // told with the migrations
	case err != nil:
		c.failed(v, "history", err)
		return
	}
	text := fmt.Sprintf("%d applied, %d pending", s.Applied, s.Pending)
	for _, n := range s.Notes {
		v.warn("history", n)
	}
	if findings, err := m.Validate(ctx); err == nil && c.doctorFindings(v, "history", findings, true) {
		return
	}
	if s.Pending > 0 {
		v.warn("history", text, "to apply, run: {migrate} up")
		return
	}
	v.ok("history", text)
}

// variableOf is the value of the variable of a flag which this command lacks.
func (c *call) variableOf(flag string) string {
	v, _ := c.variable(flagVariable(flag))
	return v.Text
}

// doctorFindings adds what validation found, of the history or of the migrations
// themselves, and reports whether any of it is a fault.
func (c *call) doctorFindings(v *doctorView, name string, findings []migrate.Finding, ofHistory bool) (faulty bool) {
	offline := migrate.ValidateOffline(c.offlineOptions())
	for _, f := range findings {
		same := func(o migrate.Finding) bool { return o.ID == f.ID && o.Message == f.Message }
		if ofHistory && slices.ContainsFunc(offline, same) {
			continue // told with the migrations
		}
		text := f.Message
		if f.ID != "" && !strings.Contains(text, f.ID) {
			text = f.ID + " " + text
		}
		if f.Where != "" {
			text += " (" + c.inDir(f.Where) + ")"
		}
		if f.Warning {
			v.warn(name, text, lines(f.Next)...)
			continue
		}
		faulty = true
		v.fail(name, codeHistory, text, lines(f.Next)...)
	}
	return faulty
}

func (c *call) offlineOptions() migrate.Options {
	o, _ := c.options() // without functions that can refuse
	return o
}

func (c *call) doctorMigrations(v *doctorView) {
	findings := migrate.ValidateOffline(c.offlineOptions())
	if !c.doctorFindings(v, "migrations", findings, false) {
		v.ok("migrations", fmt.Sprintf("%d registered, in order", len(c.known())))
	}
}

// doctorModels lets bun read each model: it panics on what it cannot read.
func (c *call) doctorModels(v *doctorView) {
	if len(c.app.Models) == 0 {
		v.ok("models", "none are given to this program")
		return
	}
	if c.conn == nil {
		v.ok("models", fmt.Sprintf("%d; they are read where the database is open", len(c.app.Models)))
		return
	}
	bad := 0
	for _, model := range joinsFirst(c.app.Models) {
		if err := readModel(c.conn.db, model); err != nil {
			bad++
			v.fail("models", codeFailed, fmt.Sprintf("bun cannot read %T: %v", model, err), "correct its bun tags")
		}
	}
	if bad == 0 {
		v.ok("models", fmt.Sprintf("%d, all of which bun can read", len(c.app.Models)))
	}
}

// joinsFirst puts models with a many-to-many relation last: bun wants to know
// the table between before.
func joinsFirst(models []any) []any {
	models = slices.Clone(models)
	slices.SortStableFunc(models, func(a, b any) int { return joins(a) - joins(b) })
	return models
}

// joins is 1 for a model with a many-to-many relation, else 0.
func joins(model any) int {
	t := structOf(model)
	if t == nil {
		return 0
	}
	for i := range t.NumField() {
		if strings.Contains(t.Field(i).Tag.Get("bun"), "m2m:") {
			return 1
		}
	}
	return 0
}

// structOf is the struct behind a model, nil if there is none.
func structOf(model any) reflect.Type {
	t := reflect.TypeOf(model)
	for t != nil && (t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice) {
		t = t.Elem()
	}
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	return t
}

// readModel lets bun read a model.
func readModel(db *bun.DB, model any) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.New(oneLine(fmt.Sprint(r)))
		}
	}()
	t := structOf(model)
	if t == nil {
		return errors.New("it is no struct")
	}
	db.RegisterModel(reflect.New(t).Interface())
	return nil
}

func (v *doctorView) show(c *call) {
	width := 0
	for _, f := range v.Checks {
		width = max(width, len(f.Name))
	}
	marks := map[string]func(string) string{"ok": c.out.green, "warn": c.out.yellow, "fail": c.out.red}
	last := ""
	for _, f := range v.Checks {
		name := f.Name
		if name == last {
			name = ""
		}
		last = f.Name
		indent := 4 + 2 + width + 2
		for i, l := range folded(f.Detail, c.out.width-indent) {
			head := spaces(indent)
			if i == 0 {
				head = marks[f.Status](pad(f.Status, 4)) + "  " + pad(name, width) + "  "
			}
			c.out.line(head + l)
		}
		label := c.out.dim("fix: ")
		for _, n := range f.Next {
			for _, l := range folded(n, c.out.width-indent-5) {
				c.out.line(spaces(indent) + label + l)
				label = spaces(5)
			}
		}
	}
	count := map[string]int{}
	for _, f := range v.Checks {
		count[f.Status]++
	}
	c.out.line("")
	c.out.line(summary(count["warn"], count["fail"]))
}

func summary(warnings, failures int) string {
	switch {
	case failures > 0:
		return fmt.Sprintf("%s; what is below a failure may not have been looked at.", counted(failures, "failure"))
	case warnings > 0:
		return "Nothing fails; " + counted(warnings, "warning") + "."
	}
	return "All is well."
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
