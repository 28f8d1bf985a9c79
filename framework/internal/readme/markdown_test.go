package readme

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// document is a page of the documentation, taken apart.
type document struct {
	path   string // from the top of the repository
	text   string
	blocks []block
	spans  []string // `code` in running text
}

// block is a fenced one.
type block struct {
	language string
	text     string
}

// documents are README.md and the chapters.
func documents(t *testing.T, top string) []document {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(top, "framework", "docs", "*.md"))
	if err != nil || len(paths) == 0 {
		t.Fatal("no chapters in framework/docs", err)
	}
	var all []document
	for _, path := range append([]string{filepath.Join(top, "README.md")}, paths...) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name, err := filepath.Rel(top, path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, takeApart(filepath.ToSlash(name), string(text)))
	}
	return all
}

var span = regexp.MustCompile("`([^`]+)`")

func takeApart(path, text string) document {
	d := document{path: path, text: text}
	var prose strings.Builder
	var in *block
	for line := range strings.Lines(text) {
		language, fence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case fence && in == nil:
			in = &block{language: language}
		case fence:
			d.blocks = append(d.blocks, *in)
			in = nil
		case in != nil:
			in.text += line
		default:
			prose.WriteString(line)
		}
	}
	for _, m := range span.FindAllStringSubmatch(strings.ReplaceAll(prose.String(), "\n", " "), -1) {
		d.spans = append(d.spans, m[1])
	}
	return d
}

// of are the blocks in a language.
func (d document) of(language string) []block {
	var found []block
	for _, b := range d.blocks {
		if b.language == language {
			found = append(found, b)
		}
	}
	return found
}

var runsProgram = regexp.MustCompile(`^(go run \./|bin/migrate |\.ci/)`)

// commands are the lines that a reader is told to type, in order: of sh blocks,
// then whole commands in running text.
func (d document) commands() []string {
	var found []string
	for _, b := range d.of("sh") {
		for line := range strings.Lines(strings.ReplaceAll(b.text, "\\\n", "")) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
				found = append(found, line)
			}
		}
	}
	for _, s := range d.spans {
		if runsProgram.MatchString(s) {
			found = append(found, s)
		}
	}
	return found
}

// table are the cells of the rows below a header such as "code | meaning".
func (d document) table(header string) [][]string {
	_, rest, _ := strings.Cut(d.text, "| "+header+" |\n")
	var rows [][]string
	for line := range strings.Lines(rest) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			break
		}
		if strings.HasPrefix(line, "|--") {
			continue
		}
		rows = append(rows, strings.Split(strings.Trim(line, "| "), " | "))
	}
	return rows
}

func TestTakeApart(t *testing.T) {
	d := takeApart("x.md", "A `go run ./x y` and `go\nrun`.\n\n```sh\n# why\na \\\n  b\n\nc\n```\n```go\nd\n```\n\n| code | meaning |\n|---|---|\n| 1 | one |\n| 2, 3 | more |\n\n| x |\n")
	if got := strings.Join(d.commands(), "|"); got != "a   b|c|go run ./x y" {
		t.Error(got)
	}
	if got := strings.Join(d.spans, "|"); got != "go run ./x y|go run" {
		t.Error(got)
	}
	if got := d.of("go"); len(got) != 1 || got[0].text != "d\n" {
		t.Error(got)
	}
	if got := d.table("code | meaning"); len(got) != 2 || got[1][0] != "2, 3" || got[1][1] != "more" {
		t.Error(got)
	}
}
