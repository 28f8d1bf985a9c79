package cli

import (
	"fmt"
	"slices"
	"strings"
)

// meaning says what an exit code tells.
type meaning struct {
	code int
	text string
}

// meanings are the exit codes as help explains them.
var meanings = []meaning{
	{codeOK, "done, or nothing to do"},
	{codeFailed, "a migration failed, or an unexpected error"},
	{codeUsage, "called wrongly, a setting is wrong, or nobody has agreed"},
	{codePending, "migrations are pending, and the question was whether"},
	{codeDiffer, "models, migrations and database differ"},
	{codeLocked, "a lock was not obtained in time; nothing was changed"},
	{codeDatabase, "the database is unreachable, or takes no writes"},
	{codeHistory, "the history needs a decision: edited, unknown, missing, two heads, out of order, interrupted"},
	{codePolicy, "refused: not under this APP_ENV, or it cannot be reverted"},
	{codeInterrupted, "interrupted (Ctrl-C); what ran was rolled back first"},
	{codeTerminated, "terminated (SIGTERM); what ran was rolled back first"},
}

// The exit codes of kinds of commands.
var (
	offlineCodes = []int{codeOK, codeUsage}
	lookCodes    = []int{codeOK, codeFailed, codeUsage, codeDatabase, codeHistory, codeInterrupted, codeTerminated}
	recordCodes  = []int{codeOK, codeFailed, codeUsage, codeLocked, codeDatabase, codeHistory, codeInterrupted, codeTerminated}
	upCodes      = append([]int{codeDiffer}, recordCodes...)
	execCodes    = []int{codeOK, codeFailed, codeUsage, codePending, codeDiffer, codeLocked, codeDatabase, codeHistory, codeInterrupted, codeTerminated}
	downCodes    = []int{codeOK, codeFailed, codeUsage, codeLocked, codeDatabase, codeHistory, codePolicy, codeInterrupted, codeTerminated}
	writeCodes   = []int{codeOK, codeFailed, codeUsage, codeHistory, codePolicy}
)

// codeText lists exit codes with what they mean.
func codeText(codes []int) string {
	var b strings.Builder
	for _, m := range meanings {
		if slices.Contains(codes, m.code) {
			_, _ = fmt.Fprintf(&b, "  %-4d %s\n", m.code, m.text)
		}
	}
	return b.String()
}

func exitCodesText() string {
	var all []int
	for _, m := range meanings {
		all = append(all, m.code)
	}
	return "The exit code tells a program what happened; the codes do not change from version to\nversion.\n\n" + codeText(all) +
		"\nstatus shows what is pending and exits with 0; with --exit-code it exits with 3 when\n" +
		"migrations are pending, and with 7 when the history needs a decision.\n\n" +
		"go run ends with 1 whatever the program's exit code was: for scripts, build the program.\n"
}
