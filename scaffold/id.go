package scaffold

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

const stampLayout = "20060102150405"

// ID returns the ID of a new migration: the UTC time by the second, and the name
// as words with "_" between them. It is later than every ID in taken, so that
// two calls in one second, or a clock that was ahead, make no collision.
func ID(now time.Time, name string, taken []string) (string, error) {
	words := Snake(name)
	if words == "" {
		return "", fmt.Errorf("the name %q has no letters or digits: use words, as in \"add invoices\"", name)
	}
	if last := words[strings.LastIndexByte(words, '_')+1:]; special[last] {
		return "", fmt.Errorf("a Go file whose name ends in _%s is built only in special cases: end the name in another word, as in %q", last, name+" table")
	}
	if len(words) > 120 {
		return "", fmt.Errorf("the name has %d characters, and 120 is the limit: use fewer words", len(words))
	}
	t := now.UTC().Truncate(time.Second)
	for _, id := range taken {
		if len(id) < len(stampLayout) {
			continue
		}
		if other, err := time.Parse(stampLayout, id[:len(stampLayout)]); err == nil && !t.After(other) {
			t = other.Add(time.Second)
		}
	}
	return t.Format(stampLayout) + "_" + words, nil
}

// Snake writes a name as lower-case words with "_" between them: "Add user's
// e-mail" and "AddUsersEMail" are both fine names. Letters and digits beyond
// ASCII become separators.
func Snake(name string) string {
	var b strings.Builder
	gap, lower := false, false
	for _, r := range name {
		switch {
		case r == '\'' || r == '’':
			continue
		case r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r):
			gap, lower = true, false
			continue
		case unicode.IsUpper(r) && lower:
			gap = true
		}
		if gap && b.Len() > 0 {
			b.WriteByte('_')
		}
		gap, lower = false, !unicode.IsUpper(r)
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// special are the last words of file names that the go command treats as a
// condition: tests, operating systems and architectures.
var special = map[string]bool{}

func init() {
	for word := range strings.FieldsSeq("test aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris wasip1 windows zos " +
		"386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm") {
		special[word] = true
	}
}
