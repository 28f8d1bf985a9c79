package cli

import (
	"slices"

	"github.com/leavendb/leaven/framework/autogen"
	"github.com/leavendb/leaven/framework/dialect"
	"github.com/leavendb/leaven/framework/migrate"
	"github.com/leavendb/leaven/framework/op"
	"github.com/leavendb/leaven/framework/schema"
	"github.com/spf13/cobra"
)

func (p *program) checkCommand() *cobra.Command {
	var f sideFlags
	return p.verb(leaf{
		use: "check", group: groupLook, codes: append([]int{codePending, codeDiffer}, lookCodes...),
		short: "Check that nothing is pending and that models, migrations and database agree",
		long: "Looks for three kinds of findings, and ends with the code of the gravest: the history or\n" +
			"the files need a decision (7), models, migrations and database differ (4), migrations\n" +
			"are pending (3). The comparison is that of `new`, so after a check without findings\n" +
			"`new` writes nothing. Rights to read suffice; where they make the comparison a weaker\n" +
			"one, that is said.\n\n" +
			"With --replay the migrations are run in a scratch database that is removed afterwards,\n" +
			"and the models are compared with that: for CI, which sees no production database.",
		example: "  {migrate} check\n  {migrate} check --replay\n  {migrate} check --offline --json",
		flags:   f.define,
		do: func(c *call) (view, error) {
			return c.look(func() (view, error) { return c.check(&f) })
		},
	})
}

// checkView is what check found.
type checkView struct {
	Findings []findingView `json:"findings"` // of the files and the history
	Pending  []string      `json:"pending"`
	Changes  []changeView  `json:"changes"` // what new would write
	Drift    []changeView  `json:"drift"`   // what would make the database what the migrations say
	Against  string        `json:"against"` // what the models were compared with; empty: nothing
	Objects  []string      `json:"strangers"`
	Covered  bool          `json:"covered"` // the pending migrations make all changes
	OK       bool          `json:"agrees"`
	validity *validateView
	renames  []string
}

// exitCode is that of the gravest finding.
func (v *checkView) exitCode() int {
	switch {
	case slices.ContainsFunc(v.Findings, func(f findingView) bool { return f.Level == "error" }):
		return codeHistory
	case len(v.Changes) > 0 && !v.Covered || len(v.Drift) > 0:
		return codeDiffer
	case len(v.Pending) > 0:
		return codePending
	}
	return codeOK
}

func (v *checkView) show(c *call) {
	v.validity.showFindings(c)
	if len(v.Pending) > 0 {
		c.out.line(sentence(are(len(v.Pending)) + " pending: " + enumerate(v.Pending)))
	}
	switch {
	case v.Covered && len(v.Changes) > 0:
		c.out.line("The models and the database differ as long as they are. To make it what the models say:")
		showChanges(c, v.Changes)
		c.err.line(c.self("To apply what is pending, run: {migrate} up"))
	case len(v.Changes) > 0:
		c.out.line("The models and " + v.Against + " differ. To make it what the models say:")
		showChanges(c, v.Changes)
		for _, flag := range v.renames {
			c.err.line("If it was renamed, write it with: " + flag)
		}
		if len(v.Pending) > 0 {
			c.err.line(c.self("To apply what is pending, run: {migrate} up"))
		}
		c.err.line(c.self("To write the migration, run: {migrate} new"))
	}
	if len(v.Drift) > 0 {
		c.out.line("The migrations and the database differ. To make it what the migrations say:")
		showChanges(c, v.Drift)
	}
	showStrangers(c, v.Objects)
	switch {
	case v.OK && v.Against == "the database":
		c.out.line("Nothing is pending, and models, migrations and database agree.")
	case v.OK:
		c.out.line("The models and " + v.Against + " agree.")
	}
}

// check looks at everything, so that one call tells all there is.
func (c *call) check(f *sideFlags) (view, error) {
	v := &checkView{Pending: []string{}, Changes: []changeView{}, Drift: []changeView{}, Objects: []string{}}
	if f.offline || f.replay {
		valid, err := c.validateOffline()
		if err != nil {
			return nil, err
		}
		v.validity = valid.(*validateView)
	} else if err := c.checkHistory(v); err != nil {
		return nil, err
	}
	v.Findings = v.validity.Findings
	if v.exitCode() == codeHistory {
		return v, nil // what is compared with is not known
	}
	if err := c.checkModels(f, v); err != nil {
		return nil, err
	}
	if len(v.Pending) > 0 && len(v.Changes) > 0 {
		err := c.differing(&sideFlags{offline: true, include: f.include, exclude: f.exclude}, nil, func(found *autogen.Comparison, _ autogen.Request) error {
			v.Covered = found.Empty()
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if !f.offline && !f.replay && (len(v.Changes) == 0 || v.Covered) {
		if err := c.checkDrift(v); err != nil {
			return nil, err
		}
	}
	v.OK = v.exitCode() == codeOK
	return v, nil
}

func (c *call) checkHistory(v *checkView) error {
	m, err := c.migrator()
	if err != nil {
		return err
	}
	findings, err := m.Validate(c.ctx)
	if err != nil {
		return err
	}
	s, err := m.Status(c.ctx)
	if err != nil {
		return err
	}
	v.validity = c.newValidateView(findings, true)
	for _, e := range s.Entries {
		if e.State == migrate.Pending {
			v.Pending = append(v.Pending, e.ID)
		}
	}
	return nil
}

func (c *call) checkModels(f *sideFlags, v *checkView) error {
	return c.differing(f, nil, func(found *autogen.Comparison, r autogen.Request) error {
		v.Against, v.Changes = f.says(), newChangeViews(found.Changes)
		if len(v.Pending) > 0 && len(found.Strangers) > 0 {
			if err := c.forgetOurs(found, r.Dialect); err != nil {
				return err
			}
		}
		v.Objects = strangersOf(found)
		for _, candidate := range found.Candidates {
			v.renames = append(v.renames, renameFlag(candidate))
		}
		c.sayWeaker(f, found, r.Fold)
		return nil
	})
}

// forgetOurs takes out of the strangers what an applied migration has made and a
// pending one renames or drops.
func (c *call) forgetOurs(found *autogen.Comparison, d dialect.Dialect) error {
	offline, err := c.offline()
	if err != nil {
		return err
	}
	recorded, _, err := c.recordAll(d, offline.Known())
	if err != nil {
		return err
	}
	ever := &schema.Schema{}
	for _, m := range recorded {
		autogen.Gather(ever, m.After.Schema())
	}
	found.Strangers = slices.DeleteFunc(found.Strangers, func(o op.Object) bool { return autogen.Has(ever, o) })
	return nil
}

// checkDrift compares the database with what the applied migrations have made.
// What SQL of their own may have made is not known, and is left out.
func (c *call) checkDrift(v *checkView) error {
	m, err := c.migrator()
	if err != nil {
		return err
	}
	applied, _, err := m.Records(c.ctx)
	if err != nil {
		return err
	}
	offline, err := c.offline()
	if err != nil {
		return err
	}
	state, err := c.foldOf(offline, applied)
	if err != nil {
		return err
	}
	made := state.Schema()
	made.Views, made.Triggers, made.Sequences, made.Extensions = nil, nil, nil, nil
	found, err := autogen.Compare(c.ctx, autogen.Request{Dialect: c.conn.dialect, DB: c.conn.db, Own: ownTables(m), Models: []any{made}, Fold: state})
	if err != nil {
		return err
	}
	surely := map[int]bool{}
	for _, part := range found.Parts {
		for _, step := range part.Steps {
			surely[step.Change] = surely[step.Change] || state.Mentions(step.Op.Object().Table) == ""
		}
	}
	for i, change := range newChangeViews(found.Changes) {
		if surely[i] {
			v.Drift = append(v.Drift, change)
		}
	}
	return nil
}
