package main

import (
	"bufio"
	"fmt"
	"os"
	"sync"
)

// points are the named moments of a run: "ready", "before 3", "after 3",
// "between 3" (after its commit), "before -3" and "after -3" on the way down.
type points struct {
	stop string
	once sync.Once
	out  *os.File
	goOn chan struct{}
}

// newPoints listens to the tester, and ends the process when the tester is gone,
// so that none outlives its test.
func newPoints(o orders) *points {
	p := &points{stop: o.Pause}
	if !o.Pipes {
		return p
	}
	p.out, p.goOn = os.NewFile(3, "points"), make(chan struct{})
	go func() {
		for in := bufio.NewScanner(os.NewFile(4, "orders")); in.Scan(); {
			p.goOn <- struct{}{}
		}
		os.Exit(99)
	}()
	return p
}

// pass stops at the point if that was ordered; once.
func (p *points) pass(point string) {
	if p.out == nil || point != p.stop {
		return
	}
	p.once.Do(func() {
		fmt.Fprintln(p.out, point)
		<-p.goOn
	})
}
