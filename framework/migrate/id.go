package migrate

import (
	"fmt"
	"strings"
)

// maxID is the longest ID in bytes. Its file name, and a test's beside it, stay
// well below the 255 bytes of common file systems, and a row of the history
// below the limit of an index.
const maxID = 200

// checkID says what is wrong with an ID; nil if it is well formed: digits, then
// optionally "_" and letters, digits and underscores, all ASCII. Such an ID is
// safe as a file name, in SQL and on a command line.
func checkID(id string) error {
	switch {
	case id == "":
		return fmt.Errorf("the ID is empty: give it the name of its file, such as 0001_initial")
	case len(id) > maxID:
		return fmt.Errorf("the ID %q… is %d bytes long: at most %d are possible", id[:40], len(id), maxID)
	case wellFormed(id):
		return nil
	}
	return fmt.Errorf("the ID %q is malformed: write digits, then optionally _ and letters, digits or _, such as 0001_initial", id)
}

func wellFormed(id string) bool {
	number, name, named := strings.Cut(id, "_")
	return number != "" && made(number, isDigit) && (!named || name != "" && made(name, isWord))
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isWord(c byte) bool {
	return isDigit(c) || c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func made(text string, is func(byte) bool) bool {
	for i := range len(text) {
		if !is(text[i]) {
			return false
		}
	}
	return true
}

// numberOf is the digits of an ID, nameOf the words after the first "_".
func numberOf(id string) string { number, _, _ := strings.Cut(id, "_"); return number }
func nameOf(id string) string   { _, name, _ := strings.Cut(id, "_"); return name }

// misordered reports whether a comes before b as a string although its number is
// the greater one: 10_b and 9_a. It happens where numbers have not the same
// length.
func misordered(a, b string) bool {
	x, y := strings.TrimLeft(numberOf(a), "0"), strings.TrimLeft(numberOf(b), "0")
	if len(x) != len(y) {
		return a < b && len(x) > len(y)
	}
	return a < b && x > y
}

// builtOnlyOn returns the word at the end of an ID that makes Go leave out the
// file of that name: 0007_windows.go is built for Windows alone, 0007_test.go
// for tests alone. It is empty for other IDs.
func builtOnlyOn(id string) string {
	words := strings.Split(id, "_")
	if len(words) < 2 {
		return ""
	}
	last := words[len(words)-1]
	if last == "test" || strings.Contains(buildWords, " "+last+" ") {
		return last
	}
	return ""
}

// buildWords are the operating systems and architectures that go build knows in
// file names, each between two spaces.
const buildWords = " aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris wasip1 windows zos" +
	" 386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le" +
	" ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm "
