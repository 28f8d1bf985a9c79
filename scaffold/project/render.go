package project

import (
	"bytes"
	"embed"
	"go/format"
	"io/fs"
	"strings"
	"text/template"
)

//go:embed all:templates
var files embed.FS

// templates are called by their paths, and have delimiters that YAML, make and
// shell have no use for.
var templates = parse()

func parse() *template.Template {
	all := template.New("").Delims("<%", "%>")
	err := fs.WalkDir(files, "templates", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := files.ReadFile(path)
		if err == nil {
			_, err = all.New(strings.TrimPrefix(path, "templates/")).Parse(string(text))
		}
		return err
	})
	return template.Must(all, err)
}

// render executes a template; Go files come out formatted.
func render(name string, data any) ([]byte, error) {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, data); err != nil {
		return nil, err
	}
	if strings.HasSuffix(name, ".go.tmpl") {
		return format.Source(b.Bytes())
	}
	return b.Bytes(), nil
}
