package migrate

import (
	"bytes"
	"go/scanner"
	"go/token"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/leavendb/leaven/framework/history"
)

// embedded returns the files that the //go:embed directives of a source name, as
// far as the file system has them and they are not Go: a migration that reads an
// embedded data.sql has changed when data.sql has.
func embedded(fsys fs.FS, dir string, source []byte) ([]history.Data, error) {
	var data []history.Data
	seen := map[string]bool{}
	for _, pattern := range embedPatterns(source) {
		pattern, all := strings.CutPrefix(pattern, "all:")
		names, err := fs.Glob(fsys, path.Join(dir, pattern))
		if err != nil {
			continue // not a pattern; the compiler has not taken it either
		}
		for _, name := range names {
			files, err := embeddedFiles(fsys, name, all)
			if err != nil {
				return nil, err
			}
			for _, file := range files {
				if seen[file] {
					continue
				}
				seen[file] = true
				content, err := fs.ReadFile(fsys, file)
				if err != nil {
					return nil, err
				}
				data = append(data, history.Data{Name: strings.TrimPrefix(file, dir+"/"), Content: content})
			}
		}
	}
	return data, nil
}

// embeddedFiles returns what embedding a file or directory takes, without Go
// files: of a directory everything below it, but hidden files only with all.
func embeddedFiles(fsys fs.FS, root string, all bool) (files []string, err error) {
	err = fs.WalkDir(fsys, root, func(name string, d fs.DirEntry, err error) error {
		base := path.Base(name)
		hidden := name != root && !all && (base[0] == '.' || base[0] == '_')
		switch {
		case err != nil:
			return err
		case hidden && d.IsDir():
			return fs.SkipDir
		case !hidden && !d.IsDir() && !strings.HasSuffix(base, ".go"):
			files = append(files, name)
		}
		return nil
	})
	return files, err
}

// embedPatterns returns the patterns of the //go:embed directives in a source.
func embedPatterns(source []byte) []string {
	const directive = "//go:embed"
	if !bytes.Contains(source, []byte(directive)) {
		return nil
	}
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(source))
	s.Init(file, source, func(token.Position, string) {}, scanner.ScanComments)
	var patterns []string
	for {
		pos, kind, text := s.Scan()
		if kind == token.EOF {
			return patterns
		}
		rest, ok := strings.CutPrefix(text, directive)
		if kind == token.COMMENT && ok && rest != "" && strings.ContainsAny(rest[:1], " \t") && file.Position(pos).Column == 1 {
			patterns = append(patterns, splitPatterns(rest)...)
		}
	}
}

// splitPatterns splits the rest of a directive at spaces; patterns that contain
// some are quoted as Go strings.
func splitPatterns(rest string) []string {
	var patterns []string
	for rest = strings.TrimSpace(rest); rest != ""; rest = strings.TrimSpace(rest) {
		if quoted, err := strconv.QuotedPrefix(rest); err == nil {
			if text, err := strconv.Unquote(quoted); err == nil {
				patterns = append(patterns, text)
			}
			rest = rest[len(quoted):]
			continue
		}
		end := strings.IndexAny(rest, " \t")
		if end < 0 {
			end = len(rest)
		}
		patterns = append(patterns, rest[:end])
		rest = rest[end:]
	}
	return patterns
}

// importsOf returns the import paths of a Go source, in its order.
func importsOf(source []byte) []string {
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(source))
	s.Init(file, source, func(token.Position, string) {}, 0)
	var paths []string
	inside := false
	for {
		_, kind, text := s.Scan()
		switch kind {
		case token.IMPORT:
			inside = true
		case token.STRING:
			if name, err := strconv.Unquote(text); err == nil && inside {
				paths = append(paths, name)
			}
		case token.CONST, token.VAR, token.TYPE, token.FUNC, token.EOF:
			return paths // imports stand before every other declaration
		}
	}
}
