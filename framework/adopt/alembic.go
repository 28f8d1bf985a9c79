package adopt

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/leavendb/leaven/framework/internal/pattern"
)

// The table holds the heads; what is below them is known to the scripts alone.
// Without these a head stands for all before the migration that it is.
func readAlembic(s source, h *History) error {
	rows, err := s.texts("", "version_num")
	if err != nil {
		return err
	}
	var heads []string
	for _, r := range rows {
		heads = append(heads, r[0])
	}
	if s.scripts != nil {
		return alembicScripts(s.scripts, heads, h)
	}
	for _, head := range heads {
		h.Versions = append(h.Versions, Version{Text: head, Through: true, opaque: true})
	}
	if len(heads) > 0 {
		h.Remarks = append(h.Remarks, "Alembic keeps the newest revision only: the migration that it is, and all before it, count as applied")
	}
	return nil
}

// script is a revision of Alembic.
type script struct {
	message string
	parents []string
}

var (
	alembicID      = pattern.Lazy(`(?m)^revision\b[^=\n]*=\s*["']([^"']+)["']`)
	alembicParents = pattern.Lazy(`(?m)^(?:down_revision|depends_on)\b[^=\n]*=\s*(\([^)]*\)|\[[^\]]*\]|["'][^"']*["'])`)
	alembicMessage = pattern.Lazy(`^\s*[rRuU]?(?:"""|''')\s*([^\n]*?)\s*(?:"""|'''|\n)`)
	quoted         = pattern.Lazy(`["']([^"']+)["']`)
)

// alembicScripts adds the heads and all that they come after, parents first.
func alembicScripts(fsys fs.FS, heads []string, h *History) error {
	known := map[string]script{}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".py" {
			return err
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		if id := alembicID().FindSubmatch(text); id != nil {
			known[string(id[1])] = scriptOf(string(text))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("the scripts of alembic cannot be read: %w", err)
	}
	seen := map[string]bool{}
	var add func(id string)
	add = func(id string) {
		if seen[id] {
			return
		}
		seen[id] = true
		s, ok := known[id]
		for _, p := range s.parents {
			add(p)
		}
		h.Versions = append(h.Versions, Version{Text: id, Name: s.message, Through: !ok, opaque: true})
	}
	for _, head := range heads {
		add(head)
	}
	return nil
}

func scriptOf(text string) script {
	var s script
	if m := alembicMessage().FindStringSubmatch(text); m != nil {
		s.message = strings.TrimSuffix(m[1], ".")
	}
	for _, m := range alembicParents().FindAllStringSubmatch(text, -1) {
		for _, p := range quoted().FindAllStringSubmatch(m[1], -1) {
			if !slices.Contains(s.parents, p[1]) {
				s.parents = append(s.parents, p[1])
			}
		}
	}
	return s
}
