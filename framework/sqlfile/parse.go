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
	after    []string
	up, down []statement
}

// parser reads a file line by line.
type parser struct {
	file  string
	line  int
	both  bool         // the file must tell its directions
	into  *[]statement // the direction; nil: none has begun
	whole bool         // between StatementBegin and StatementEnd
	empty bool         // an empty down is none
	text  strings.Builder
	begin int // line of the first of text
	script
}

// parse reads a file. both says that it must tell its directions; the other kind
// has one, which is in up.
func parse(fsys fs.FS, name string, both bool) (script, error) {
	content, err := fs.ReadFile(fsys, name)
	if err != nil {
		return script{}, err
	}
	p := &parser{file: path.Base(name), both: both}
	if !both {
		p.direction(&p.up)
	}
	for line := range strings.Lines(string(content)) {
		p.line++
		if err := p.read(strings.TrimPrefix(line, "\ufeff")); err != nil {
			return p.script, &Error{p.file, p.line, err}
		}
	}
	if p.whole {
		return p.script, &Error{p.file, p.begin, errors.New("StatementBegin without a StatementEnd")}
	}
	if p.up == nil {
		return p.script, &Error{p.file, 1, errors.New("it has no line -- +goose Up: write one, or call the file NAME.up.sql")}
	}
	err = p.flush()
	if p.empty && len(p.down) == 0 {
		p.down = nil
	}
	return p.script, err
}

func (p *parser) read(line string) error {
	a, ok := annotationOf(line)
	if !ok {
		if p.text.Len() == 0 {
			p.begin = p.line
		}
		p.text.WriteString(line)
		return nil
	}
	noTx, known := a.noTx()
	switch {
	case a.word == wordAfter && len(a.ids()) > 0:
		p.after = append(p.after, a.ids()...)
		return nil
	case !known:
	case a.word == wordNoTx:
		p.noTx = true
		return nil
	case a.word == wordBegin && p.into != nil && !p.whole:
		err := p.flush()
		p.whole, p.begin = true, p.line
		return err
	case a.word == wordEnd && p.whole:
		err := p.flush()
		p.whole = false
		return err
	case a.word == wordUp && p.both && p.up == nil && !p.whole:
		p.text.Reset() // what stands above belongs to neither
		p.noTx = p.noTx || noTx
		p.direction(&p.up)
		return nil
	case a.word == wordDivider && p.both && p.up == nil:
		p.direction(&p.up)
		err := p.flush()
		p.direction(&p.down)
		return err
	case a.word == wordDown && p.both && p.up != nil && p.down == nil && !p.whole:
		err := p.flush()
		p.noTx, p.empty = p.noTx || noTx, a.always
		p.direction(&p.down)
		return err
	}
	return fmt.Errorf("%q cannot stand here, or is not understood", strings.TrimSpace(line))
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
