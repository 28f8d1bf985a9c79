package cli

// refusal is an error of this package: something that is not done, why, and what
// to do instead. Its texts are whole lines for people.
type refusal struct {
	code  int
	what  string   // one clause, lower case, without a full stop
	why   []string // may be empty
	state string   // one clause; may be empty
	next  []string // commands or advice
}

func (e *refusal) Error() string { return e.what }

// misuse refuses because of how the program was called.
func misuse(what string, next ...string) error {
	return &refusal{code: codeUsage, what: what, next: next}
}

// forbidden refuses because of a policy.
func forbidden(what, why string, next ...string) error {
	return &refusal{code: codePolicy, what: what, why: []string{why}, next: next}
}
