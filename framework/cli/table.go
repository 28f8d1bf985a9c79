package cli

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// grid is a table of texts. On a terminal it has lines and colours and fits the
// width; elsewhere it is columns with two spaces between them, a line for a row
// and nothing empty, so that tools can read it.
type grid struct {
	head  []string
	rows  [][]string
	tint  func(row []string) string // SGR of a row's first cell; nil: none
	spare []string                  // columns that a narrow terminal does without, the first to go first
}

// remarks is the head of the column that may be long. It is the last.
const remarks = "Remarks"

func (g grid) show(o output) {
	if o.terminal {
		g.pretty(o)
		return
	}
	g.plain(o)
}

func (g grid) pretty(o output) {
	g, below := g.withoutEmpty().narrowed(o.width)
	t := table.NewWriter()
	style := table.StyleLight
	if !o.unicode {
		style.Box = table.StyleBoxDefault
	}
	style.Options = table.Options{SeparateHeader: true}
	style.Format.Header = text.FormatDefault
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	t.SetStyle(style)
	t.AppendHeader(tableRow(g.head))
	for _, r := range g.rows {
		cells := tableRow(r)
		if g.tint != nil {
			cells[0] = o.paint(g.tint(r), r[0])
		}
		t.AppendRow(cells)
	}
	for i, line := range strings.Split(t.Render(), "\n") {
		if i == 1 { // the rule has two signs below the space behind the last column
			line = strings.TrimSuffix(line, strings.Repeat(style.Box.MiddleHorizontal, 2))
		}
		o.line(strings.TrimRight(line, " "))
		if row := i - 2; row >= 0 && below[row] != "" { // two lines of head
			o.line("  " + below[row])
		}
	}
}

// narrowed makes the table fit the width, as far as it can, and cuts nothing
// off: remarks go below their row, and then spare columns are left out. What is
// still too wide is left to the terminal.
func (g grid) narrowed(width int) (grid, []string) {
	below := make([]string, len(g.rows))
	if last := len(g.head) - 1; !g.fits(width) && g.head[last] == remarks {
		for i, r := range g.rows {
			below[i] = r[last]
		}
		g = g.without(remarks)
	}
	for _, name := range g.spare {
		if !g.fits(width) {
			g = g.without(name)
		}
	}
	return g, below
}

// fits reports whether the table is at most so wide. 0: there is no limit.
func (g grid) fits(width int) bool {
	total := -2
	for i, head := range g.head {
		widest := text.StringWidth(head)
		for _, r := range g.rows {
			widest = max(widest, text.StringWidth(r[i]))
		}
		total += widest + 2
	}
	return width <= 0 || total <= width
}

func (g grid) without(name string) grid {
	return g.pick(func(i int) bool { return g.head[i] != name })
}

// withoutEmpty leaves out the columns in which no row has anything.
func (g grid) withoutEmpty() grid {
	return g.pick(func(i int) bool {
		return slices.ContainsFunc(g.rows, func(r []string) bool { return r[i] != "" })
	})
}

// pick keeps some of the columns.
func (g grid) pick(wanted func(column int) bool) grid {
	choose := func(cells []string) []string {
		var out []string
		for i, cell := range cells {
			if wanted(i) {
				out = append(out, cell)
			}
		}
		return out
	}
	out := grid{head: choose(g.head), tint: g.tint, spare: g.spare}
	for _, r := range g.rows {
		out.rows = append(out.rows, choose(r))
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
