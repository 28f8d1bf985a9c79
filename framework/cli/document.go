package cli

import (
	"bytes"
	"encoding/json"
	"strings"
)

// document is what --json writes: the fields that all commands share, and beside
// them those of the command's view.
type document struct {
	Command string
	Code    int
	View    view
	Notes   []string
	Error   *explained

	event string
}

// format names what the documents promise: fields are only added.
const format = "leaven/1"

type documentHead struct {
	Format   string `json:"format"`
	Event    string `json:"event,omitempty"` // of the last line of --events
	Command  string `json:"command"`
	OK       bool   `json:"ok"`
	ExitCode int    `json:"exit_code"`
}

type documentTail struct {
	Notes []string   `json:"notes,omitempty"`
	Error *explained `json:"error,omitempty"`
}

// MarshalJSON joins the three parts into one object.
func (d document) MarshalJSON() ([]byte, error) {
	parts := []any{documentHead{format, d.event, d.Command, d.Code == codeOK, d.Code}}
	if d.View != nil {
		parts = append(parts, d.View)
	}
	parts = append(parts, documentTail{d.Notes, d.Error})
	var fields [][]byte
	for _, part := range parts {
		text, err := encode(part)
		if err != nil {
			return nil, err
		}
		if inner := bytes.TrimSpace(text[1 : len(text)-1]); len(inner) > 0 {
			fields = append(fields, inner)
		}
	}
	return append(append([]byte("{"), bytes.Join(fields, []byte(","))...), '}'), nil
}

// encode is json.Marshal without the escapes that are meant for HTML.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(b.Bytes()), nil
}

// text is the document in one line.
func (d document) text() []byte {
	text, err := encode(d)
	if err != nil {
		text, _ = encode(documentHead{format, d.event, d.Command, false, codeFailed})
	}
	return text
}

// write writes the document for people and programs.
func (d document) write(o output) {
	var b bytes.Buffer
	if text := d.text(); json.Indent(&b, text, "", "  ") != nil {
		b.Write(text)
	}
	o.line(b.String())
}

// writeLine writes the document as the last of events.
func (d document) writeLine(o output) {
	d.event = eventResult
	o.line(string(d.text()))
}

// wantsJSON reports whether --json was asked for. When a flag is wrong, those
// after it were not parsed: then the words of the process tell.
func (c *call) wantsJSON() bool {
	return c.shared.json || c.wantsEvents() || asks(c.words, "--json")
}

func asks(words []string, flag string) bool {
	for _, w := range words {
		if w == "--" {
			return false
		}
		if name, value, _ := strings.Cut(w, "="); name == flag && (value == "" || strings.EqualFold(value, "true") || value == "1") {
			return true
		}
	}
	return false
}
