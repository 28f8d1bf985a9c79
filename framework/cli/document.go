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
}

type documentHead struct {
	Format   string `json:"format"`
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
	parts := []any{documentHead{"leaven/1", d.Command, d.Code == codeOK, d.Code}}
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

func writeDocument(o output, d document) {
	text, err := encode(d)
	if err != nil {
		text, _ = encode(documentHead{"leaven/1", d.Command, false, codeFailed})
	}
	var b bytes.Buffer
	if json.Indent(&b, text, "", "  ") != nil {
		b.Write(text)
	}
	o.line(b.String())
}

// wantsJSON reports whether --json was asked for. When a flag is wrong, those
// after it were not parsed: then the words of the process tell.
func (c *call) wantsJSON() bool {
	return c.shared.json || asksJSON(c.program.words)
}

func asksJSON(words []string) bool {
	for _, w := range words {
		if w == "--" {
			return false
		}
		if name, value, _ := strings.Cut(w, "="); name == "--json" && (value == "" || strings.EqualFold(value, "true") || value == "1") {
			return true
		}
	}
	return false
}
