package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// strictSchema is the schema that is published, and besides it knows no field
// that is not described: so that what we write is.
var strictSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	parsed, err := jsonschema.UnmarshalJSON(strings.NewReader(Schema))
	if err != nil {
		return nil, err
	}
	root := parsed.(map[string]any)
	root["unevaluatedProperties"] = false
	closeObjects(root)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("leaven-1.json", root); err != nil {
		return nil, err
	}
	return c.Compile("leaven-1.json")
})

// closeObjects forbids fields that are not described in what is inside of
// documents.
func closeObjects(schema map[string]any) {
	for key, value := range schema {
		switch v := value.(type) {
		case map[string]any:
			if key == "items" {
				closeObject(v)
			}
			if key == "properties" {
				for _, p := range v {
					closeObject(p.(map[string]any))
				}
			}
			closeObjects(v)
		case []any:
			for _, e := range v {
				if m, ok := e.(map[string]any); ok {
					closeObjects(m)
				}
			}
		}
	}
}

func closeObject(schema map[string]any) {
	if schema["$ref"] != nil || schema["type"] == "object" {
		schema["unevaluatedProperties"] = false
	}
}

// conforms checks each JSON value of a text against the schema; there must be one
// at least.
func conforms(text string) error {
	schema, err := strictSchema()
	if err != nil {
		return err
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	for n := 0; ; n++ {
		var document any
		switch err := d.Decode(&document); {
		case errors.Is(err, io.EOF) && n > 0:
			return nil
		case err != nil:
			return fmt.Errorf("document %d: %w", n+1, err)
		}
		if err := schema.Validate(document); err != nil {
			return fmt.Errorf("document %d: %w", n+1, err)
		}
	}
}

// The schema refuses what is no document of ours, and lets new fields pass.
func TestSchema(t *testing.T) {
	open, err := jsonschema.UnmarshalJSON(strings.NewReader(Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("leaven-1.json", open); err != nil {
		t.Fatal(err)
	}
	published := c.MustCompile("leaven-1.json")
	const head = `{"format": "leaven/1", "ok": true, "exit_code": 0, `
	for _, tt := range []struct {
		document          string
		published, strict bool
	}{
		{head + `"command": "current", "current": "", "head": "", "at_head": true}`, true, true},
		{head + `"command": "current", "current": "", "head": "", "at_head": true, "new": 1}`, true, false},
		{head + `"command": "current", "current": "", "head": ""}`, false, false},
		{head + `"command": "heads", "heads": [{"id": "a", "after": []}], "parting": []}`, true, true},
		{head + `"command": "heads", "heads": [{"id": "a", "after": [], "new": 1}], "parting": []}`, true, false},
		{head + `"command": "heads", "heads": [{"id": 1, "after": []}], "parting": []}`, false, false},
		{`{"format": "leaven/2", "command": "up"}`, false, false},
		{`{"format": "leaven/1", "command": "up", "ok": false, "exit_code": 2, "error": {"kind": "usage", "what": "x"}}`, true, true},
		{`{"format": "leaven/1", "command": "up", "ok": false, "exit_code": 2, "error": {"what": "x"}}`, false, false},
		{`{"format": "leaven/1", "event": "started", "at": "2026-01-01T00:00:00Z", "id": "a"}`, true, true},
		{`{"format": "leaven/1", "event": "begun", "at": "2026-01-01T00:00:00Z"}`, false, false},
		{`[]`, false, false},
	} {
		var value any
		if err := json.Unmarshal([]byte(tt.document), &value); err != nil {
			t.Fatal(err)
		}
		if err := published.Validate(value); (err == nil) != tt.published {
			t.Errorf("%s\n%v", tt.document, err)
		}
		if err := conforms(tt.document); (err == nil) != tt.strict {
			t.Errorf("strictly: %s\n%v", tt.document, err)
		}
	}
}

// Every command is in the schema, and writes a document also where it fails.
func TestEachCommandWritesADocument(t *testing.T) {
	t.Chdir(t.TempDir())
	app := fixture("shop")
	app.Environ = []string{"DATABASE_URL=sqlite:shop.db"}
	for _, cmd := range newProgram(app, nil).commands().Commands() {
		if cmd.Hidden {
			continue
		}
		if !strings.Contains(Schema, `"const": "`+cmd.Name()+`"`) {
			t.Errorf("%s is not in the schema", cmd.Name())
		}
		for _, args := range [][]string{{}, {"x"}, {"head"}, {"--nonsense"}, {"a", "b", "c"}} {
			args = slices.Concat([]string{cmd.Name()}, args, []string{"--json"})
			out, _, code := outputOf(t, app, args...)
			if err := conforms(out); err != nil {
				t.Errorf("%q: code %d, %v\n%s", args, code, err, out)
			}
			if !strings.Contains(out, `"command": "`+cmd.Name()+`"`) {
				t.Errorf("%q says that it is another\n%s", args, out)
			}
		}
	}
}

// What the tests expect of documents is what the schema describes: the scripts
// compare them with what the program writes, and exits has that checked.
func TestGoldenDocumentsConform(t *testing.T) {
	text, err := os.ReadFile("testdata/json.txtar")
	if err != nil {
		t.Fatal(err)
	}
	_, files, _ := strings.Cut(string(text), "\n-- ")
	for file := range strings.SplitSeq(files, "\n-- ") {
		name, document, _ := strings.Cut(file, " --\n")
		if err := conforms(strings.ReplaceAll(document, `"TIME"`, `"2026-01-01T00:00:00Z"`)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
