package history

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/scanner"
	"go/token"
	"hash"
	"slices"
	"strings"
)

// Data is a file that a source embeds.
type Data struct {
	Name    string // as the source names it
	Content []byte
}

// RawSum is the checksum of a source, byte for byte, as 64 hexadecimal digits:
// the SHA-256 of the file, and if it embeds data, of that and the data's.
func RawSum(source []byte, data ...Data) string {
	return with(sha256.Sum256(source), data)
}

// TokenSum is the checksum of what the compiler sees of a Go source: comments and
// layout, as gofmt or a person may change it, do not count, nor does the order of
// imports. Embedded data counts byte for byte. What is not Go has its RawSum.
//
// The value is recorded in histories, so its meaning can never change.
func TokenSum(source []byte, data ...Data) string {
	tokens, ok := scan(source)
	if !ok {
		return RawSum(source, data...)
	}
	h := sha256.New()
	for _, t := range tokens {
		t.write(h)
	}
	return with([sha256.Size]byte(h.Sum(nil)), data)
}

// with adds data to the sum of a source. Names are quoted, so that no name can
// pretend to be the sum of another file.
func with(sum [sha256.Size]byte, data []Data) string {
	if len(data) == 0 {
		return hex.EncodeToString(sum[:])
	}
	data = slices.Clone(data)
	slices.SortFunc(data, func(a, b Data) int { return strings.Compare(a.Name, b.Name) })
	h := sha256.New()
	h.Write(sum[:])
	for _, d := range data {
		fmt.Fprintf(h, "%q %x\n", d.Name, sha256.Sum256(d.Content))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// word is one token. The text is empty for operators and keywords.
type word struct {
	kind token.Token
	text string
}

// write adds the token to a sum. No Go source has a NUL, so two different
// sequences of tokens never write the same bytes.
func (w word) write(h hash.Hash) {
	h.Write([]byte(w.kind.String()))
	h.Write([]byte{0})
	h.Write([]byte(w.text))
	h.Write([]byte{0})
}

// scan returns the tokens that matter, and false for what is not Go.
func scan(source []byte) ([]word, bool) {
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(source))
	s.Init(file, source, func(token.Position, string) {}, 0)
	words := make([]word, 0, len(source)/4)
	for {
		_, kind, text := s.Scan()
		if kind == token.EOF {
			break
		}
		words = appendWord(words, kind, text)
	}
	return sortImports(words), s.ErrorCount == 0
}

// appendWord adds a token, written as gofmt could not write it otherwise:
//
//   - a semicolon is one, written or not, and stands only between two things
//     (for ;; { is for {);
//   - a comma before a closing bracket (a list with a line for each element) is
//     dropped;
//   - numbers are in lower case.
func appendWord(words []word, kind token.Token, text string) []word {
	last := token.ILLEGAL
	if len(words) > 0 {
		last = words[len(words)-1].kind
	}
	switch kind {
	case token.SEMICOLON:
		if last == token.SEMICOLON || last == token.LBRACE || last == token.LPAREN {
			return words
		}
		return append(words, word{kind: kind})
	case token.LBRACE:
		if n := len(words); last == token.SEMICOLON && n > 1 && (words[n-2].kind == token.FOR || words[n-2].kind == token.SWITCH) {
			words = words[:n-1]
		}
		return append(words, word{kind: kind})
	case token.RPAREN, token.RBRACE, token.RBRACK:
		if last == token.COMMA || last == token.SEMICOLON {
			words = words[:len(words)-1]
		}
		return append(words, word{kind: kind})
	case token.INT, token.FLOAT, token.IMAG:
		return append(words, word{kind, strings.ToLower(text)})
	case token.IDENT, token.CHAR, token.STRING:
		return append(words, word{kind, text})
	}
	return append(words, word{kind: kind})
}

// sortImports writes the imports at the top of a file as one declaration each,
// sorted: gofmt sorts and joins them.
func sortImports(words []word) []word {
	start := slices.IndexFunc(words, func(w word) bool { return w.kind == token.SEMICOLON }) + 1
	specs, end := imports(words, start)
	slices.SortFunc(specs, func(a, b []word) int {
		return slices.CompareFunc(a, b, func(x, y word) int {
			if x.kind != y.kind {
				return int(y.kind) - int(x.kind)
			}
			return strings.Compare(x.text, y.text)
		})
	})
	specs = slices.CompactFunc(specs, slices.Equal[[]word])
	sorted := slices.Clone(words[:start])
	for _, spec := range specs {
		sorted = append(sorted, word{kind: token.IMPORT})
		sorted = append(sorted, spec...)
		sorted = append(sorted, word{kind: token.SEMICOLON})
	}
	return append(sorted, words[end:]...)
}

// imports returns the import specifications that begin at words[i], and where
// they end.
func imports(words []word, i int) (specs [][]word, end int) {
	for i < len(words) && words[i].kind == token.IMPORT {
		n := slices.IndexFunc(words[i:], func(w word) bool { return w.kind == token.SEMICOLON })
		if n < 0 {
			n = len(words) - i
		}
		group := i+1 < len(words) && words[i+1].kind == token.LPAREN
		if group {
			if n = slices.IndexFunc(words[i:], func(w word) bool { return w.kind == token.RPAREN }); n < 0 {
				return specs, i
			}
		}
		from := i + 1
		if group {
			from++
		}
		specs = append(specs, split(words[from:i+n])...)
		i += n
		if group {
			i++
		}
		if i < len(words) && words[i].kind == token.SEMICOLON {
			i++
		}
	}
	return specs, i
}

// split cuts words at semicolons and leaves out empty pieces.
func split(words []word) (pieces [][]word) {
	for len(words) > 0 {
		n := slices.IndexFunc(words, func(w word) bool { return w.kind == token.SEMICOLON })
		if n < 0 {
			return append(pieces, words)
		}
		if n > 0 {
			pieces = append(pieces, words[:n])
		}
		words = words[n+1:]
	}
	return pieces
}
