package cli

import (
	"os"
	"path"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/leavendb/leaven/framework/internal/pattern"
)

// goRun are the places where `go run` puts a program: the build's folder, and the
// build cache once the program is in it.
var goRun = pattern.Lazy(`(/go-build\d+/b\d+/exe|/[0-9a-f]{64}-d)/[^/]+$`)

// calledAs is what to type to call this process again, so that the commands in
// messages can be typed as they are read. Empty: we cannot know.
func calledAs(args []string, module, main string) string {
	if len(args) == 0 || args[0] == "" || strings.ContainsAny(args[0], " \t\"'$`") {
		return ""
	}
	if !byGoRun(filepath.ToSlash(args[0])) {
		return strings.TrimSuffix(args[0], ".exe")
	}
	below, ok := strings.CutPrefix(main, module+"/")
	switch {
	case module == "" || !ok:
		return "" // `go run main.go`: its folder is forgotten
	case isFolder(below):
		return "go run ./" + below
	}
	return "go run " + path.Join(module, below)
}

// byGoRun reports whether a path is one of goRun; most are seen not to be before
// the pattern is compiled.
func byGoRun(path string) bool {
	return (strings.Contains(path, "-d/") || strings.Contains(path, "/exe/")) && goRun().MatchString(path)
}

// calledNow is calledAs of this process.
func calledNow() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	return calledAs(os.Args, info.Main.Path, info.Path)
}

// self writes commands that a text suggests as they are called here: {migrate}
// stands for the program.
func (p *program) self(text string) string {
	called := p.called
	if called == "" {
		called = p.root.CommandPath()
	}
	return strings.ReplaceAll(text, "{migrate}", called)
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}
