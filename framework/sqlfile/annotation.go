package sqlfile

import (
	"slices"
	"strings"
)

// annotation is a line that says something to a migration tool: ours, or one
// whose files run here as they are.
type annotation struct {
	word    string   // up, down, statementbegin, …; what is not known is refused
	options []string // what stands behind it
	always  bool     // the tool wants it in every file, so that without a statement it says nothing
}

// What the tools say in one word each.
const (
	wordUp      = "up"
	wordDown    = "down"
	wordBegin   = "statementbegin"
	wordEnd     = "statementend"
	wordNoTx    = "no transaction"
	wordDivider = "divider" // what stands above is up, what stands below is down
	wordAfter   = "after"
)

// tern's lines have no word in front.
var ternLines = map[string]string{
	"---- create above / drop below ----": wordDivider,
	"---- tern: disable-tx ----":          wordNoTx,
}

// annotationOf reads a line; false: it is text. Case and spaces do not count.
//
//	-- +goose Up               also Down, StatementBegin, StatementEnd, NO TRANSACTION
//	-- +migrate Up             sql-migrate: the same; notransaction behind Up and Down
//	-- migrate:up              dbmate: also down; transaction:false behind them
//	-- leaven: after ID, ID    ours
func annotationOf(line string) (annotation, bool) {
	line = strings.TrimSpace(line)
	if word, ok := ternLines[line]; ok {
		return annotation{word: word}, true
	}
	comment, ok := strings.CutPrefix(line, "--")
	words := strings.Fields(comment)
	if !ok || len(words) == 0 {
		return annotation{}, false
	}
	rest := words[1:]
	switch mark := strings.ToLower(words[0]); {
	case mark == "+goose" && slices.EqualFunc(rest, strings.Fields(wordNoTx), strings.EqualFold):
		return annotation{word: wordNoTx}, true
	case mark == "+goose" || mark == "+migrate" || mark == "leaven:":
		if len(rest) == 0 {
			return annotation{}, true
		}
		return annotation{word: strings.ToLower(rest[0]), options: rest[1:]}, true
	case mark == "migrate:up" || mark == "migrate:down":
		return annotation{word: strings.TrimPrefix(mark, "migrate:"), options: rest, always: true}, true
	}
	return annotation{}, false
}

// noTx reports whether the options of a direction take it out of a transaction;
// false: one of them is not known.
func (a annotation) noTx() (yes, ok bool) {
	for _, o := range a.options {
		switch strings.ToLower(o) {
		case "notransaction", "transaction:false":
			yes = true
		case "transaction:true":
		default:
			return false, false
		}
	}
	return yes, true
}

// ids are those that an annotation names, with commas or spaces between them.
func (a annotation) ids() []string {
	return strings.FieldsFunc(strings.Join(a.options, " "), func(r rune) bool { return r == ',' || r == ' ' })
}
