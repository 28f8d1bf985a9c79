package sqlfile

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// script is a file that was read. A nil direction is not in it; one that is there
// and does nothing is empty.
type script struct {
	noTx     bool
	up, down []statement
}

const annotation = "-- +goose "

// parser reads a file line by line.
type parser struct {
	file  string
	line  int
	into  *[]statement // the direction; nil: none has begun
	whole bool         // between StatementBegin and StatementEnd
	text  strings.Builder
	begin int // line of the first of text
	script
}

// parse reads a file. annotated says that it must tell its directions; the other
// kind has one, which is in up.
func parse(fsys fs.FS, name string, annotated bool) (script, error) {
	content, err := fs.ReadFile(fsys, name)
	if err != nil {
		return script{}, err
	}
	p := &parser{file: path.Base(name)}
	if !annotated {
		p.direction(&p.up)
	}
	for line := range strings.Lines(string(content)) {
		p.line++
		if err := p.read(strings.TrimPrefix(line, "\ufeff"), annotated); err != nil {
			return p.script, &Error{p.file, p.line, err}
		}
	}
	if p.whole {
		return p.script, &Error{p.file, p.begin, errors.New("StatementBegin without a StatementEnd")}
	}
	if annotated && p.up == nil {
		return p.script, &Error{p.file, 1, errors.New("it has no line -- +goose Up: write one, or call the file NAME.up.sql")}
	}
	return p.script, p.flush()
}

func (p *parser) read(line string, annotated bool) error {
	word, ok := annotationOf(line)
	if !ok {
		if p.text.Len() == 0 {
			p.begin = p.line
		}
		p.text.WriteString(line)
		return nil
	}
	switch {
	case word == "no transaction":
		p.noTx = true
		return nil
	case word == "statementbegin" && p.into != nil && !p.whole:
		err := p.flush()
		p.whole, p.begin = true, p.line
		return err
	case word == "statementend" && p.whole:
		err := p.flush()
		p.whole = false
		return err
	case word == "up" && annotated && p.up == nil && !p.whole:
		p.text.Reset() // what stands above belongs to neither
		p.direction(&p.up)
		return nil
	case word == "down" && annotated && p.up != nil && p.down == nil && !p.whole:
		err := p.flush()
		p.direction(&p.down)
		return err
	}
	return fmt.Errorf("%q cannot stand here, or is not understood", strings.TrimSpace(line))
}

// annotationOf is what an annotation says, in lower case and with single spaces.
func annotationOf(line string) (string, bool) {
	rest, ok := strings.CutPrefix(strings.Join(strings.Fields(line), " ")+" ", annotation)
	if !ok {
		rest, ok = strings.CutPrefix(strings.Join(strings.Fields(line), " ")+" ", "--+goose ")
	}
	return strings.ToLower(strings.TrimSpace(rest)), ok
}

func (p *parser) direction(d *[]statement) {
	*d = []statement{}
	p.into = d
}

// flush adds the statements of what was read.
func (p *parser) flush() error {
	text := p.text.String()
	p.text.Reset()
	if p.into == nil || strings.TrimSpace(text) == "" {
		return nil
	}
	if p.whole {
		*p.into = append(*p.into, statement{strings.TrimSpace(text), p.file, p.begin + leadingLines(text)})
		return nil
	}
	found, err := statements(text)
	for _, s := range found {
		*p.into = append(*p.into, statement{s.text, p.file, p.begin + s.line})
	}
	if err != nil {
		return &Error{p.file, p.begin + found[len(found)-1].line, err}
	}
	return nil
}

func leadingLines(text string) int {
	return strings.Count(text[:len(text)-len(strings.TrimLeft(text, " \t\r\n"))], "\n")
}
