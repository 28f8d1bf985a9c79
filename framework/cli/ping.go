package cli

import (
	"time"

	"github.com/spf13/cobra"
)

func (p *program) pingCommand() *cobra.Command {
	return p.verb(leaf{
		use: "ping", aliases: []string{"init"}, group: groupAbout, codes: lookCodes,
		short: "Ask the database once whether it answers",
		long: "Tries once, for five seconds at most; `wait` goes on trying. There is nothing to set up\n" +
			"before the first `up`, which makes the version table by itself: so where other tools'\n" +
			"instructions begin with an init, this one only looks.",
		example: "  {migrate} ping\n  {migrate} ping --json",
		do: func(c *call) (view, error) {
			return c.look(c.ping)
		},
	})
}

func (c *call) ping() (view, error) {
	if _, err := c.open(); err != nil {
		return nil, err
	}
	c.header()
	began := c.now()
	s, err := c.reachable(c.ctx, 5*time.Second)
	if err != nil {
		return nil, err
	}
	elapsed := c.now().Sub(began)
	return &waitView{Database: c.link.Shown, Server: newServerView(s), ElapsedMS: elapsed.Milliseconds(), elapsed: elapsed}, nil
}
