package adopt

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/leavendb/leaven/framework/dialect"
	"github.com/uptrace/bun"
)

// reader reads a history of one tool.
type reader func(source, *History) error

// source is a table to read.
type source struct {
	ctx   context.Context
	db    bun.IDB
	d     dialect.Dialect
	all   []candidate
	table Table

	scripts fs.FS // of Query.Scripts
}

// texts reads columns of all rows as texts, NULL as an empty one, in the order of
// a column; empty: that of the first one.
func (s source) texts(order string, columns ...string) ([][]string, error) {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = "coalesce(CAST(" + s.d.Quote(c) + " AS text), '')"
	}
	if order == "" {
		order = columns[0]
	}
	from := s.d.Quote(s.table.Name)
	if s.table.Schema != "" {
		from = s.d.Quote(s.table.Schema) + "." + from
	}
	rows, err := s.db.QueryContext(s.ctx, "SELECT "+strings.Join(list, ", ")+" FROM "+from+" ORDER BY "+s.d.Quote(order))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var found [][]string
	for rows.Next() {
		row := make([]string, len(columns))
		into := make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		found = append(found, row)
	}
	return found, rows.Err()
}

// truth reads a boolean, which is a number where there are none.
func truth(text string) bool { return text != "" && text != "0" && text != "false" && text != "f" }

// readColumn makes the reader of a table that has a row for each version, in this
// column, and no more to say; of its rows those count that meet all conditions.
func readColumn(name string, where ...condition) reader {
	return func(s source, h *History) error {
		columns := []string{name}
		for _, w := range where {
			columns = append(columns, w.column.name)
		}
		rows, err := s.texts("", columns...)
	rows:
		for _, r := range rows {
			for i, w := range where {
				if !w.holds(r[i+1]) {
					continue rows
				}
			}
			h.add(r[0])
		}
		return err
	}
}

// Gormigrate marks everything when it made the schema at once, and says so with
// one more row.
func readGormigrate(s source, h *History) error {
	if err := readColumn("id")(s, h); err != nil {
		return err
	}
	h.drop("SCHEMA_INIT")
	return nil
}

func readGolangMigrate(s source, h *History) error {
	rows, err := s.texts("", "version", "dirty")
	for _, r := range rows {
		if truth(r[1]) {
			h.fault(Dirty, "version "+r[0]+" failed, so what it has done is not known")
		}
		if !strings.HasPrefix(r[0], "-") { // no version
			h.Versions = append(h.Versions, Version{Text: r[0], Through: true})
		}
	}
	return err
}

// Tern counts its files from 1.
func readTern(s source, h *History) error {
	rows, err := s.texts("", "version")
	for _, r := range rows {
		if r[0] != "0" {
			h.Versions = append(h.Versions, Version{Text: r[0], Through: true})
		}
	}
	return err
}

// Goose keeps a log: the newest row of a version counts. Version 0 marks the
// beginning.
func readGoose(s source, h *History) error {
	rows, err := s.texts("id", "version_id", "is_applied")
	for _, r := range rows {
		h.drop(r[0])
		if truth(r[1]) && r[0] != "0" {
			h.add(r[0])
		}
	}
	return err
}

// Bun writes the row before it runs the migration, unless it is told not to.
func readBun(s source, h *History) error {
	rows, err := s.texts("id", "name")
	if err != nil {
		return err
	}
	for _, r := range rows {
		if !slices.ContainsFunc(h.Versions, func(v Version) bool { return v.Text == r[0] }) {
			h.add(r[0])
		}
	}
	if n := len(h.Versions); n > 0 {
		h.Remarks = append(h.Remarks, "bun records a migration before it runs it (unless WithMarkAppliedOnSuccess is set): make sure that the work of "+h.Versions[n-1].Text+" is in the database")
	}
	return bunLock(s, h)
}

// bunLock looks into every table that may be bun's locks: it can be renamed too.
func bunLock(s source, h *History) error {
	for _, c := range s.all {
		if !slices.Equal(c.names(), []string{"id", "table_name"}) {
			continue
		}
		locks := s
		locks.table = c.Table
		rows, err := locks.texts("id", "table_name")
		if err != nil {
			return err
		}
		for _, r := range rows {
			if locked := strings.NewReplacer(`"`, "", "`", "").Replace(r[0]); s.table.is(locked) {
				h.fault(Locked, fmt.Sprintf("%s has a row for it: a run of bun is under way, or was killed", c.Table))
			}
		}
	}
	return nil
}

func readFlyway(s source, h *History) error {
	rows, err := s.texts("installed_rank", "version", "type", "success", "script", "description")
	for _, r := range rows {
		version, kind, script := r[0], strings.ToUpper(r[1]), r[3]
		switch {
		case !truth(r[2]):
			h.fault(Dirty, script+" failed")
		case version == "":
			h.Remarks = append(h.Remarks, script+" is repeatable: it has no version, and is left aside")
		case strings.HasPrefix(kind, "UNDO"), kind == "DELETE":
			h.drop(version)
		default:
			h.drop(version)
			h.Versions = append(h.Versions, Version{Text: version, Name: r[4], Through: strings.HasSuffix(kind, "BASELINE")})
		}
	}
	return err
}

// Bits of the type of a revision of Atlas.
const atlasBaseline = 1

func readAtlas(s source, h *History) error {
	rows, err := s.texts("", "version", "type", "applied", "total", "error", "description")
	for _, r := range rows {
		if strings.HasPrefix(r[0], ".") { // what Atlas says of itself
			continue
		}
		if r[4] != "" || r[2] != r[3] {
			h.fault(Dirty, fmt.Sprintf("version %s stopped after %s of %s statements", r[0], r[2], r[3]))
			continue
		}
		bits, _ := strconv.Atoi(r[1])
		h.Versions = append(h.Versions, Version{Text: r[0], Name: r[5], Through: bits&atlasBaseline != 0})
	}
	return err
}
