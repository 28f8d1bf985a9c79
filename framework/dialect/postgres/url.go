package postgres

import (
	"strings"
)

// URLError says what is wrong with a database URL. It never quotes the URL: what
// cannot be read may be a piece of the password.
type URLError struct {
	Parameter string // empty: the URL as a whole
	Problem   string
}

func (e *URLError) Error() string {
	if e.Parameter == "" {
		return "database URL: " + e.Problem
	}
	return "database URL: " + e.Parameter + ": " + e.Problem
}

func problem(text string) error { return &URLError{Problem: text} }

const percentHelp = `write "@" as %40, ":" as %3A, "/" as %2F, "?" as %3F, "#" as %23 and "%" as %25 in a user or password`

// span is the text of one parameter's value in a URL or DSN.
type span struct {
	name       string
	from, to   int
	value      string // decoded
	unquotedPW bool   // a DSN: an unquoted password stood before it
}

// scan takes a URL or a key=value DSN apart, in libpq's way. The spans come in
// the order of the text; a later one of the same name wins.
func scan(text string) ([]span, error) {
	if n := schemeLength(text); n > 0 {
		spans, err := scanURL(text, n)
		if err != nil {
			return nil, err
		}
		return spans, nil
	}
	if strings.Contains(text, "://") || !strings.Contains(text, "=") {
		return nil, problem("expected postgres://user:password@host:5432/database, or host=… dbname=… user=…")
	}
	return scanDSN(text)
}

// schemeLength is the length of "postgres://" or "postgresql://" at the start of
// text, 0 if there is none.
func schemeLength(text string) int {
	for _, s := range []string{"postgres://", "postgresql://"} {
		if len(text) >= len(s) && strings.EqualFold(text[:len(s)], s) {
			return len(s)
		}
	}
	return 0
}

// scanURL reads what follows the scheme: [user[:password]@][host[:port]{,…}][/database][?name=value{&…}].
func scanURL(text string, at int) ([]span, error) {
	s := urlScanner{text: text, at: at}
	s.userinfo()
	s.hosts()
	if s.peek() == '/' {
		s.at++
		from := s.at
		s.add("dbname", from, s.skipTo("?"))
		if strings.Contains(text[at:s.at], "@") && !s.hasUser || s.containsRaw("dbname", "@") {
			s.fail(`the part before the database name is not "user:password@host": ` + percentHelp)
		}
	}
	if s.peek() == '?' {
		s.at++
		s.query()
	}
	if s.err == nil && s.at < len(text) {
		s.fail("cannot be read to its end: " + percentHelp)
	}
	return s.spans, s.err
}

type urlScanner struct {
	text    string
	at      int
	hasUser bool
	spans   []span
	err     error
}

func (s *urlScanner) fail(text string) {
	if s.err == nil {
		s.err = problem(text)
	}
}

func (s *urlScanner) peek() byte {
	if s.at < len(s.text) {
		return s.text[s.at]
	}
	return 0
}

// skipTo moves to the first of the stop characters, or the end, and returns the
// new position.
func (s *urlScanner) skipTo(stops string) int {
	if i := strings.IndexAny(s.text[s.at:], stops); i >= 0 {
		s.at += i
	} else {
		s.at = len(s.text)
	}
	return s.at
}

// add decodes the text between two positions and keeps it unless it is empty.
func (s *urlScanner) add(name string, from, to int) {
	if from == to {
		return
	}
	value, ok := decode(s.text[from:to])
	if !ok {
		s.fail(`a "%" is not followed by two hexadecimal digits (other than 00): ` + percentHelp)
	}
	s.spans = append(s.spans, span{name: name, from: from, to: to, value: value})
}

func (s *urlScanner) containsRaw(name, char string) bool {
	for _, p := range s.spans {
		if p.name == name && strings.Contains(s.text[p.from:p.to], char) {
			return true
		}
	}
	return false
}

// userinfo reads up to the first "@", unless a "/" comes first.
func (s *urlScanner) userinfo() {
	i := strings.IndexAny(s.text[s.at:], "@/")
	if i < 0 || s.text[s.at+i] != '@' {
		return
	}
	end := s.at + i
	s.hasUser = true
	user, _, _ := strings.Cut(s.text[s.at:end], ":")
	s.add("user", s.at, s.at+len(user))
	if from := s.at + len(user) + 1; from < end {
		s.add("password", from, end)
	}
	s.at = end + 1
}

// hosts reads host[:port]{,host[:port]}. An IPv6 address stands in brackets.
func (s *urlScanner) hosts() {
	start := s.at
	var hosts, ports []string
	for {
		from := s.at
		var to int
		if s.peek() == '[' {
			from++
			if s.skipTo("]"); s.peek() != ']' {
				s.fail(`a "[" of an IPv6 address has no "]"`)
				return
			}
			to = s.at
			s.at++
			if c := s.peek(); c != 0 && !strings.ContainsRune(":/?,", rune(c)) {
				s.fail(`after the "]" of an IPv6 address there must be ":", "/", "?", "," or the end`)
				return
			}
		} else {
			to = s.skipTo(":/?,")
		}
		hosts = append(hosts, s.text[from:to])
		port := ""
		if s.peek() == ':' {
			s.at++
			from := s.at
			port = s.text[from:s.skipTo("/?,")]
		}
		ports = append(ports, port)
		if s.peek() != ',' {
			break
		}
		s.at++
	}
	if strings.Contains(s.text[start:s.at], "@") {
		s.fail(`there is a second "@" before the host: ` + percentHelp)
	}
	s.list("host", start, hosts)
	s.list("port", start, ports)
}

// list keeps a comma-separated parameter that is not one piece of the text.
func (s *urlScanner) list(name string, at int, values []string) {
	joined := strings.Join(values, ",")
	value, ok := decode(joined)
	if !ok {
		s.fail(`a "%" in the host is not followed by two hexadecimal digits`)
	}
	if strings.Trim(joined, ",") != "" || name == "host" && len(values) > 1 {
		s.spans = append(s.spans, span{name: name, from: at, to: at, value: value})
	}
}

func (s *urlScanner) query() {
	for s.at < len(s.text) {
		from := s.at
		end := s.skipTo("&")
		s.at = min(s.at+1, len(s.text))
		raw, _, found := strings.Cut(s.text[from:end], "=")
		name, ok := decode(raw)
		switch {
		case from == end:
			continue
		case !found:
			s.fail(`a parameter after the "?" has no "="`)
			return
		case !ok:
			s.fail(`a parameter's name has a "%" that is not followed by two hexadecimal digits`)
			return
		}
		s.parameter(name, from+len(raw)+1, end)
	}
}

func (s *urlScanner) parameter(name string, from, to int) {
	// JDBC's spelling, which libpq reads too.
	if name == "ssl" && s.text[from:to] == "true" {
		s.spans = append(s.spans, span{name: "sslmode", from: from, to: to, value: "require"})
		return
	}
	if from == to { // kept, for its name may be a piece of a password
		s.spans = append(s.spans, span{name: name, from: from, to: to})
	}
	s.add(name, from, to)
}

// decode undoes percent encoding. A "+" is a "+". A zero byte is refused: the
// protocol ends texts with it.
func decode(s string) (string, bool) {
	if strings.IndexByte(s, 0) >= 0 {
		return "", false
	}
	if !strings.Contains(s, "%") {
		return s, true
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			out = append(out, s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", false
		}
		high, low := unhex(s[i+1]), unhex(s[i+2])
		if high < 0 || low < 0 || high|low == 0 {
			return "", false
		}
		out = append(out, byte(high<<4|low))
		i += 2
	}
	return string(out), true
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
