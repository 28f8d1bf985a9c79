package cli

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/mattn/go-isatty"
)

// output is one of the two streams, with what it can show.
type output struct {
	w        io.Writer
	terminal bool
	color    bool
	unicode  bool
	width    int // in cells; 0: unlimited
}

// output looks at a stream once. Colour needs a terminal, and nobody who said
// NO_COLOR (https://no-color.org).
func (p *program) output(w io.Writer) output {
	o := output{w: w}
	f, ok := w.(*os.File)
	if !ok || !isatty.IsTerminal(f.Fd()) && !isatty.IsCygwinTerminal(f.Fd()) {
		return o
	}
	o.terminal = p.env("TERM") != "dumb"
	o.color = o.terminal && p.env("NO_COLOR") == ""
	o.unicode = p.speaksUnicode()
	o.width = terminalWidth(f)
	return o
}

// speaksUnicode reports whether the locale lets a terminal show more than ASCII.
// Containers have none, and their terminals do.
func (p *program) speaksUnicode() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(p.env(name)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return true
}

// line writes a line, in ASCII where the terminal shows nothing else of ours.
func (o output) line(text string) {
	if o.terminal && !o.unicode {
		text = inASCII.Replace(text)
	}
	_, _ = fmt.Fprintln(o.w, text)
}

// inASCII spells the signs that our own texts have.
var inASCII = strings.NewReplacer("…", "...", "─", "-", "→", "->", "–", "-")

// paint wraps text in an SGR colour where the stream shows colours.
func (o output) paint(code, text string) string {
	if !o.color || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (o output) bold(text string) string   { return o.paint("1", text) }
func (o output) dim(text string) string    { return o.paint("2", text) }
func (o output) red(text string) string    { return o.paint("1;31", text) }
func (o output) green(text string) string  { return o.paint("32", text) }
func (o output) yellow(text string) string { return o.paint("33", text) }
