package bunset

import (
	"database/sql/driver"
	"errors"
	"io"
	"slices"
)

// read are rows that were read already.
type read struct {
	columns, kinds []string
	rows           [][]driver.Value
}

// readAll reads rows to their end and closes them.
func readAll(from driver.Rows) (driver.Rows, error) {
	r := &read{columns: slices.Clone(from.Columns())}
	if named, ok := from.(driver.RowsColumnTypeDatabaseTypeName); ok {
		for i := range r.columns {
			r.kinds = append(r.kinds, named.ColumnTypeDatabaseTypeName(i))
		}
	}
	for {
		row := make([]driver.Value, len(r.columns))
		switch err := from.Next(row); {
		case errors.Is(err, io.EOF):
			return r, from.Close()
		case err != nil:
			return nil, errors.Join(err, from.Close())
		}
		for i, v := range row {
			if b, ok := v.([]byte); ok {
				row[i] = slices.Clone(b) // the driver may use it again
			}
		}
		r.rows = append(r.rows, row)
	}
}

func (r *read) Columns() []string { return r.columns }
func (r *read) Close() error      { return nil }

func (r *read) Next(into []driver.Value) error {
	if len(r.rows) == 0 {
		return io.EOF
	}
	copy(into, r.rows[0])
	r.rows = r.rows[1:]
	return nil
}

// ColumnTypeDatabaseTypeName implements an interface of database/sql/driver.
func (r *read) ColumnTypeDatabaseTypeName(i int) string {
	if i < len(r.kinds) {
		return r.kinds[i]
	}
	return ""
}
