package cli

import "strings"

// explained is an error as it is shown: what happened, why, what is true now,
// and what to do next. Each fact stands once.
type explained struct {
	Kind     string   `json:"kind"` // for programs: "step", "usage", "history", …
	What     string   `json:"what"`
	Why      []string `json:"why,omitempty"`
	State    string   `json:"state,omitempty"`
	Next     []string `json:"next,omitempty"`
	ID       string   `json:"id,omitempty"`       // the migration that it is about
	SQLState string   `json:"sqlstate,omitempty"` // what the database calls it
	Where    string   `json:"where,omitempty"`    // file:line
	Stack    string   `json:"stack,omitempty"`    // with --debug

	code int
}

// write shows the four parts.
func (e *explained) write(o output) {
	o.line(o.red("Error:") + " " + sentence(e.What))
	for _, w := range e.Why {
		for l := range strings.SplitSeq(strings.TrimRight(w, "\n"), "\n") {
			o.line("  " + l)
		}
	}
	if e.Where != "" {
		o.line("  " + e.Where)
	}
	if e.State != "" {
		o.line(o.bold("State:") + " " + sentence(e.State))
	}
	label := o.bold("Next:") + "  "
	for _, n := range e.Next {
		o.line(label + n)
		label = "       "
	}
	if e.Stack != "" {
		o.line(e.Stack)
	}
}

// sentence ends a clause with a full stop.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" || strings.HasSuffix(text, ".") || strings.HasSuffix(text, "?") {
		return text
	}
	return text + "."
}
