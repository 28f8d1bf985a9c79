package cli

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The groups of the help text.
const (
	groupRun    = "run"
	groupLook   = "look"
	groupRecord = "record"
	groupWrite  = "write"
	groupAbout  = "about"
)

// commands builds the tree.
func (p *program) commands() *cobra.Command {
	root := p.verb(leaf{
		use:   p.app.Name,
		short: "Apply, revert and look at database migrations",
		long: "Brings a database to the version that the program's migrations describe.\n" +
			"To begin, run `{migrate}`: it shows what is applied, what is pending and what to do\n" +
			"next, and changes nothing. `{migrate} up` applies what is pending.\n\n" +
			"The database is --database-url, MIGRATE_DATABASE_URL, DIRECT_DATABASE_URL or\n" +
			"DATABASE_URL, and without any of them an embedded SQLite file; `info` shows where\n" +
			"the value comes from.",
		example: "  {migrate}\n  {migrate} up\n  {migrate} down\n  {migrate} new \"add invoices\"",
		max:     -1,
		codes:   lookCodes,
		do:      p.bare,
	})
	p.root = root
	root.Version = p.version().named()
	root.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	p.shared.define(root.PersistentFlags())
	root.SetFlagErrorFunc(p.flagError)
	root.AddGroup(
		&cobra.Group{ID: groupRun, Title: "Run migrations:"},
		&cobra.Group{ID: groupLook, Title: "Look:"},
		&cobra.Group{ID: groupRecord, Title: "Correct the record:"},
		&cobra.Group{ID: groupWrite, Title: "Write migrations:"},
		&cobra.Group{ID: groupAbout, Title: "About:"},
	)
	for _, c := range []*cobra.Command{
		p.upCommand(), p.downCommand(), p.redoCommand(), p.resetCommand(), p.execCommand(),
		p.statusCommand(), p.historyCommand(), p.currentCommand(), p.pendingCommand(), p.headsCommand(), p.showCommand(), p.validateCommand(),
		p.checkCommand(), p.inspectCommand(),
		p.planCommand(), p.sqlCommand(),
		p.stampCommand(), p.baselineCommand(), p.adoptCommand(), p.resolveCommand(), p.repairCommand(),
		p.newCommand(), p.mergeCommand(), p.rebaseCommand(),
		p.infoCommand(), p.doctorCommand(), p.pingCommand(), p.waitCommand(), p.versionCommand(), p.completionCommand(), p.helpCommand(),
	} {
		root.AddCommand(c)
	}
	return root
}

// leaf describes one command.
type leaf struct {
	use, short, long, example string
	aliases                   []string
	group                     string
	min, max                  int // words after the command; max -1: any
	missing                   string
	codes                     []int         // its exit codes, for help
	words                     completeWords // what a shell offers after the command; nil: nothing
	flags                     func(*pflag.FlagSet)
	do                        verb
}

// verb does what a command is for. It returns what is to be shown on standard
// output, which may be set beside an error.
type verb func(c *call) (view, error)

// verb makes a cobra command with the defaults that we want: wrong words and
// flags are errors with exit code 2, and all errors are shown by us.
func (p *program) verb(l leaf) *cobra.Command {
	cmd := &cobra.Command{
		Use: l.use, Short: l.short, Long: l.long, Example: l.example,
		Aliases: l.aliases, GroupID: l.group,
		Args: cobra.ArbitraryArgs, SilenceErrors: true, SilenceUsage: true, DisableFlagsInUseLine: true,
		DisableSuggestions: true,
	}
	if l.flags != nil {
		l.flags(cmd.Flags())
		cmd.Flags().SortFlags = false
	}
	p.codes[cmd] = l.codes
	if l.codes == nil {
		p.codes[cmd] = lookCodes
	}
	p.completes(cmd, l.words)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return p.perform(cmd, args, func(c *call) (view, error) {
			if err := l.checkWords(cmd, args); err != nil {
				return nil, err
			}
			return l.do(c)
		})
	}
	return cmd
}

func (l leaf) checkWords(cmd *cobra.Command, args []string) error {
	help := "for its words and flags, run: {migrate} help " + cmd.Name()
	switch {
	case len(args) < l.min:
		return misuse(fmt.Sprintf("%s needs %s", cmd.Name(), l.missing), help)
	case l.max == 0 && len(args) > 0:
		return misuse(fmt.Sprintf("%s takes no words, but got %q", cmd.Name(), args[0]), help)
	case l.max >= 0 && len(args) > l.max:
		return misuse(fmt.Sprintf("%s does not know what to do with %q", cmd.Name(), args[l.max]), help)
	}
	return nil
}

// flagError says what is wrong with a flag.
func (p *program) flagError(cmd *cobra.Command, err error) error {
	if words := cmd.Flags().Args(); cmd == p.root && len(words) > 0 {
		err = p.unknownCommand(words[0]) // `stats --exit-code`: the flag is not what is wrong
	} else {
		err = flagMisuse(cmd, err)
	}
	return p.perform(cmd, nil, func(*call) (view, error) { return nil, err })
}

// unknownCommand refuses a word that is no command.
func (p *program) unknownCommand(word string) error {
	next := []string{"for all commands, run: {migrate} help"}
	if near := nearest(word, p.commandNames()); near != "" {
		next = []string{"did you mean: {migrate} " + near}
	}
	return misuse(fmt.Sprintf("there is no command %q", word), next...)
}

func (p *program) commandNames() []string {
	var names []string
	for _, c := range p.root.Commands() {
		if !c.Hidden {
			names = append(append(names, c.Name()), c.Aliases...)
		}
	}
	slices.Sort(names)
	return names
}
