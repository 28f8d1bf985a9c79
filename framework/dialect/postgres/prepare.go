package postgres

import (
	"context"
	"crypto/rand"
	"database/sql/driver"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"
)

// Most of what the bracket of a small migration costs the server is reading and
// planning its statements, which from one migration to the next differ in a few
// values only. Over a connection that is known to be the session itself, and where
// another migration follows, they are prepared.

// prepared are the statements of the fence that one session has prepared. A nil
// one prepares nothing.
type prepared struct {
	prefix string
	made   []string          // names
	shapes map[string]*shape // by the place of a statement in Claim or Settle
	doubt  bool              // which of them were made, nobody knows
}

// shape is the text of a statement, cut at its literals.
type shape struct {
	texts  []string // one more than there are literals
	values []string // the literals as they were sent last
	next   []string // room for those of the next one
	varies []bool   // those that have differed: they are parameters
	name   string   // empty: it is not prepared
}

func newPrepared() *prepared {
	return &prepared{prefix: "leaven_" + strings.ToLower(rand.Text()[:8]) + "_", shapes: map[string]*shape{}}
}

// text is what to send for a statement that was sent before in the same place,
// with other values: at first the statement itself, the second time what prepares
// and executes it, and then what executes it. Where it is known which values differ
// from one time to the next, it is prepared at once.
func (p *prepared) text(place, statement string, differing ...string) string {
	// The rows of VALUES give no types to parameters, and there is only one such
	// statement in a run.
	if p == nil || statement == "" || strings.Contains(statement, "(VALUES ") {
		return statement
	}
	was := p.shapes[place]
	if was == nil || !was.fits(statement) {
		was = cut(statement)
		p.shapes[place] = was
		if len(differing) == 0 {
			return statement
		}
		was.differsIn(differing)
	}
	if was.name != "" {
		return was.execute()
	}
	was.name = p.prefix + strconv.Itoa(len(p.made)+1)
	p.made = append(p.made, was.name)
	return was.prepare() + "; " + was.execute()
}

// replaced are the texts of the claim before the last one which the last one has
// replaced.
func (p *prepared) replaced() []string {
	if p == nil || p.shapes["claim"] == nil {
		return nil
	}
	var values []string
	s := p.shapes["claim"]
	for i, v := range s.next {
		if v != "" && v != "''" && v != s.values[i] {
			values = append(values, v)
		}
	}
	return values
}

// The first five times, the server plans a prepared statement with parameters anew,
// which costs as much as the rest of it. The fence's statements are the same for all
// values. So what stands in front of one asks for one plan, and the statement itself
// puts the mode back while it runs: also what a migration has deferred to the COMMIT
// is planned as the session has it.

// planOnce is more expressions of a SELECT in front.
func (p *prepared) planOnce() string {
	if p == nil {
		return ""
	}
	return ", set_config('leaven.planning', current_setting('plan_cache_mode'), true), set_config('plan_cache_mode', 'force_generic_plan', true)"
}

// planAsEver undoes that, once, and is not NULL then.
const planAsEver = "set_config('plan_cache_mode', current_setting('leaven.planning'), true)"

// claim is what to send for the claim's statement, behind the one that locks.
func (p *prepared) claim(statement string) string {
	if p == nil {
		return statement
	}
	return p.text("claim", statement+" RETURNING "+planAsEver)
}

// missed is one more expression of a SELECT behind a claim that has hit no row.
func (p *prepared) missed() string {
	if p == nil {
		return ""
	}
	return ", CASE WHEN current_setting('leaven.planning', true) <> '' THEN " + planAsEver + " END"
}

// lost returns the error of a message that may have held such statements, and
// forgets them with it: which of them the server has, nobody knows.
func (s session) lost(err error) error {
	if err == nil || s.prepared == nil {
		return err
	}
	s.prepared.doubt = true
	clear(s.prepared.shapes)
	if (Dialect{}).Classify(err).Code == noSuchStatement {
		return &forgottenError{err}
	}
	return err
}

// noSuchStatement is invalid_sql_statement_name.
const noSuchStatement = "26000"

// forgottenError is for statements of ours that the migration has made the server
// forget (DEALLOCATE ALL). The same again, without them, will do.
type forgottenError struct{ error }

// Unwrap is for errors.As.
func (e *forgottenError) Unwrap() error { return e.error }

// acquaintance is what is known of a connection before anything is asked.
type acquaintance struct {
	// pid is the session as the server has named it at the login. A pooler that
	// gives out sessions by transaction says something else there, as it has to
	// know whom to cancel. 0: not known.
	pid  int64
	conn *joined // nil: it is the driver's own
}

// Know implements dialect.Knower.
func (Dialect) Know(driverConn any) any {
	var l acquaintance
	l.conn, _ = driverConn.(*joined)
	v := reflect.ValueOf(driverConn)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return l
	}
	// pgdriver keeps it to itself.
	if pid := v.Elem().FieldByName("processID"); pid.IsValid() && pid.CanInt() {
		l.pid = pid.Int()
	}
	return l
}

// Forget implements dialect.Knower.
func (Dialect) Forget(ctx context.Context, conn bun.Conn, claimed any) error {
	s, ok := claimed.(session)
	switch {
	case !ok || s.prepared == nil || len(s.prepared.made) == 0:
		return nil
	case s.prepared.doubt || ctx.Err() != nil:
		return driver.ErrBadConn
	}
	_, err := conn.ExecContext(ctx, "DEALLOCATE "+strings.Join(s.prepared.made, "; DEALLOCATE "))
	return err
}

// cut takes a statement apart. A literal is a text, or a number that stands for
// itself after a comma or an equals sign: the others belong to the statement.
func cut(statement string) *shape {
	s := &shape{}
	from := 0
	for i := 0; i < len(statement); i++ {
		c, begin := statement[i], i
		switch {
		case c == '"':
			i = closing(statement, i)
			continue
		case c == '\'':
			if i > 0 && statement[i-1] == 'E' {
				begin--
			}
		case '0' <= c && c <= '9' && i >= 2 && statement[i-1] == ' ' && (statement[i-2] == ',' || statement[i-2] == '='):
		default:
			continue
		}
		end := begin + literalEnd(statement[begin:])
		s.texts, s.values = append(s.texts, statement[from:begin]), append(s.values, statement[begin:end])
		from, i = end, end-1
	}
	s.texts = append(s.texts, statement[from:])
	s.next, s.varies = make([]string, len(s.values)), make([]bool, len(s.values))
	return s
}

// closing is where the quotes end that begin at i; doubled ones are inside.
func closing(text string, i int) int {
	quote := text[i]
	for i++; i < len(text)-1; i++ {
		if text[i] == quote {
			if text[i+1] != quote {
				return i
			}
			i++
		}
	}
	return i
}

// fits reports whether statement has the shape. If so, it takes over its literals,
// and looks which of them have changed.
func (s *shape) fits(statement string) bool {
	rest := statement
	for i, text := range s.texts {
		if !strings.HasPrefix(rest, text) {
			return false
		}
		rest = rest[len(text):]
		if i == len(s.values) {
			break
		}
		end := literalEnd(rest)
		if end == 0 {
			return false
		}
		s.next[i], rest = rest[:end], rest[end:]
	}
	if rest != "" {
		return false
	}
	for i, v := range s.next {
		if v != s.values[i] && !s.varies[i] {
			s.varies[i], s.name = true, ""
		}
	}
	s.values, s.next = s.next, s.values
	return true
}

// differsIn makes parameters of the values that are among these, and of the numbers
// beside them: how long something took differs, too.
func (s *shape) differsIn(values []string) {
	for i, v := range s.values {
		s.varies[i] = slices.Contains(values, v)
	}
	if !slices.Contains(s.varies, true) {
		return
	}
	for i, v := range s.values {
		s.varies[i] = s.varies[i] || '0' <= v[0] && v[0] <= '9'
	}
}

// literalEnd is the length of the literal with which text begins; 0: with none.
func literalEnd(text string) int {
	switch {
	case text == "":
		return 0
	case text[0] == '\'':
		return closing(text, 0) + 1
	case strings.HasPrefix(text, "E'"):
		return closing(text, 1) + 1
	}
	n := 0
	for n < len(text) && '0' <= text[n] && text[n] <= '9' {
		n++
	}
	return n
}

func (s *shape) prepare() string {
	var b strings.Builder
	b.WriteString("PREPARE " + s.name + " AS ")
	n := 0
	for i, v := range s.values {
		b.WriteString(s.texts[i])
		if s.varies[i] {
			n++
			v = "$" + strconv.Itoa(n)
		}
		b.WriteString(v)
	}
	b.WriteString(s.texts[len(s.values)])
	return b.String()
}

func (s *shape) execute() string {
	size := len("EXECUTE (") + len(s.name)
	for _, v := range s.values {
		size += len(v) + len(", ")
	}
	var b strings.Builder
	b.Grow(size)
	b.WriteString("EXECUTE ")
	b.WriteString(s.name)
	separator := "("
	for i, v := range s.values {
		if s.varies[i] {
			b.WriteString(separator)
			b.WriteString(v)
			separator = ", "
		}
	}
	if separator != "(" {
		b.WriteString(")")
	}
	return b.String()
}
