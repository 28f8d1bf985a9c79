package migrate_test

import (
	"slices"
	"testing"
)

// Twelve processes start on an empty database at the same moment: all succeed,
// and together they have done each migration once.
func TestTwelveProcessesRace(t *testing.T) {
	t.Parallel()
	sites(t, func(t *testing.T, s *site) {
		s.play("tx")
		children := make([]*child, 12)
		for i := range children {
			children[i] = s.child(orders{Fixture: "tx", Stop: "ready"})
		}
		for _, c := range children {
			c.await("ready")
		}
		for _, c := range children {
			c.goOn()
		}
		var did []string
		for _, c := range children {
			if code := c.wait(); code != 0 {
				t.Errorf("a process ended with %d: %q", code, c.said)
			}
			did = append(did, c.did()...)
		}
		slices.Sort(did)
		equal(t, "done by somebody", did, []string{"0000_effects", "0001_effect", "0002_effect", "0003_effect", "0004_effect", "0005_effect"})
		s.sound(5)
		s.quiet()
	})
}
