package faults

import (
	"fmt"
	"io"
	"slices"
	"sync"
	"text/tabwriter"
	"time"
)

// results collects what the plays came to.
var results = &outcomes{lines: map[string]*line{}}

type outcomes struct {
	mu    sync.Mutex
	lines map[string]*line
}

// line is one row in one place.
type line struct {
	row
	place
	runs, violations int
	figures          []time.Duration
}

func (o *outcomes) add(r row, p place, violated bool, figures []time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	key := r.name + "/" + string(p)
	l, ok := o.lines[key]
	if !ok {
		l = &line{row: r, place: p}
		o.lines[key] = l
	}
	l.runs++
	if violated {
		l.violations++
	}
	l.figures = append(l.figures, figures...)
}

// print prints the table, in the order of the rows.
func (o *outcomes) print(to io.Writer) {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "row\ton\truns\tviolations\tworst\tp95\tpromised\tfigure")
	runs, violations := 0, 0
	for _, r := range rows {
		for _, p := range r.on {
			l, ok := o.lines[r.name+"/"+string(p)]
			if !ok {
				continue
			}
			runs, violations = runs+l.runs, violations+l.violations
			fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%s\t%s\t%s\t%s\n", r.name, p, l.runs, l.violations, l.quantile(1), l.quantile(0.95), l.promise(), l.what())
		}
	}
	fmt.Fprintf(w, "all\t\t%d\t%d\n", runs, violations)
	_ = w.Flush()
	o.printBounds(to)
}

// printBounds prints what is promised of the rows' figures, all rows of a promise
// together. A recovery keeps its promise with 95 of 100 figures, everything else
// with the worst one.
func (o *outcomes) printBounds(to io.Writer) {
	var all []*line
	for _, r := range rows {
		for _, p := range r.on {
			l, ok := o.lines[r.name+"/"+string(p)]
			if !ok || l.bound == 0 || len(l.figures) == 0 {
				continue
			}
			same := func(m *line) bool { return m.bound == l.bound && m.figure == l.figure }
			if i := slices.IndexFunc(all, same); i >= 0 {
				all[i].figures = append(all[i].figures, l.figures...)
				continue
			}
			all = append(all, &line{row: l.row, figures: slices.Clone(l.figures)})
		}
	}
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\npromise\t\tfigures\tworst\tp95\t")
	for _, l := range all {
		kept := map[bool]string{true: "kept", false: "NOT KEPT"}[l.kept()]
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\n", l.what(), l.promise(), len(l.figures), l.quantile(1), l.quantile(0.95), kept)
	}
	_ = w.Flush()
}

// kept reports whether the figures are within the bound. There are some.
func (l *line) kept() bool {
	if l.figure == "" {
		return l.at(0.95) <= l.bound
	}
	return l.at(1) <= l.bound
}

// at is a quantile of the figures. There are some.
func (l *line) at(q float64) time.Duration {
	slices.Sort(l.figures)
	at := int(q*float64(len(l.figures))+0.999999) - 1
	return l.figures[min(max(at, 0), len(l.figures)-1)]
}

// quantile is at for people; empty: there are no figures.
func (l *line) quantile(q float64) string {
	if len(l.figures) == 0 {
		return ""
	}
	return l.at(q).Round(time.Millisecond).String()
}

func (l *line) promise() string {
	if l.bound == 0 {
		return ""
	}
	return "≤ " + l.bound.String()
}

func (l *line) what() string {
	if l.figure == "" && len(l.figures) > 0 {
		if l.bound > 0 {
			return "recovery after SIGKILL"
		}
		return "recovery"
	}
	return l.figure
}
