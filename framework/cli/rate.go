package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// rate is how fast a migration gets on with what it reports.
type rate struct {
	began time.Time // of the first report; zero: there was none
	from  int64     // what was done by then
}

// tell says how far it is: "300 of 1200 (25 %), 100/s, 9 s left". total 0: how
// much there is to do is not known. Speed is told after a second.
func (r *rate) tell(done, total int64, now time.Time) string {
	if r.began.IsZero() {
		r.began, r.from = now, done
	}
	text := strconv.FormatInt(done, 10)
	if total > 0 {
		text = fmt.Sprintf("%d of %d (%d %%)", done, total, min(done*100/total, 100))
	}
	elapsed := now.Sub(r.began)
	if elapsed < time.Second || done <= r.from {
		return text
	}
	speed := float64(done-r.from) / elapsed.Seconds()
	if speed >= 10 {
		text += fmt.Sprintf(", %.0f/s", speed)
	} else {
		text += fmt.Sprintf(", %.1f/s", speed)
	}
	if left := total - done; left > 0 {
		wait := max(time.Duration(float64(left)/speed*float64(time.Second)).Round(time.Second), time.Second)
		text += ", " + strings.Replace(took(wait), ".0 s", " s", 1) + " left"
	}
	return text
}
