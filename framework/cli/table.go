package cli

import (
	"strings"
	"unicode/utf8"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// grid is a table of texts. On a terminal it has lines and colours and fits the
// width; elsewhere it is columns with two spaces between them, a line for a row
// and nothing empty, so that tools can read it.
type grid struct {
	head []string
	rows [][]string
	tint func(row []string) string // SGR of a row's first cell; nil: none
}

func (g grid) show(o output) {
	if o.terminal {
		g.pretty(o)
		return
	}
	g.plain(o)
}

func (g grid) pretty(o output) {
	g = g.withoutEmpty()
	t := table.NewWriter()
	style := table.StyleLight
	style.Options = table.Options{SeparateHeader: true}
	style.Format.Header = text.FormatDefault
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	if o.width > 0 {
		style.Size.WidthMax = o.width
	}
	t.SetStyle(style)
	t.AppendHeader(tableRow(g.head))
	for _, r := range g.rows {
		cells := tableRow(r)
		if g.tint != nil {
			cells[0] = o.paint(g.tint(r), r[0])
		}
		t.AppendRow(cells)
	}
	for _, line := range strings.Split(t.Render(), "\n") {
		o.line(strings.TrimRight(line, " "))
	}
}

// withoutEmpty leaves out the columns in which no row has anything.
func (g grid) withoutEmpty() grid {
	var keep []int
	for i := range g.head {
		for _, r := range g.rows {
			if r[i] != "" {
				keep = append(keep, i)
				break
			}
		}
	}
	pick := func(cells []string) []string {
		out := make([]string, len(keep))
		for i, k := range keep {
			out[i] = cells[k]
		}
		return out
	}
	out := grid{head: pick(g.head), tint: g.tint}
	for _, r := range g.rows {
		out.rows = append(out.rows, pick(r))
	}
	return out
}

func tableRow(cells []string) table.Row {
	row := make(table.Row, len(cells))
	for i, c := range cells {
		row[i] = c
	}
	return row
}

func (g grid) plain(o output) {
	all := append([][]string{upper(g.head)}, g.rows...)
	widths := make([]int, len(g.head))
	for _, r := range all {
		for i, cell := range r {
			widths[i] = max(widths[i], utf8.RuneCountInString(orDash(cell)))
		}
	}
	for _, r := range all {
		var b strings.Builder
		for i, cell := range r {
			cell = orDash(cell)
			b.WriteString(cell)
			if i < len(r)-1 {
				b.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
			}
		}
		o.line(b.String())
	}
}

func orDash(cell string) string {
	if cell == "" {
		return "-"
	}
	return strings.ReplaceAll(cell, "\n", " ")
}

func upper(cells []string) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = strings.ToUpper(c)
	}
	return out
}
