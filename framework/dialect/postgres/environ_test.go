package postgres

import (
	"slices"
	"testing"
)

func TestEnviron(t *testing.T) {
	for _, c := range []struct {
		address string
		want    []string
	}{
		{"postgres://shop:a%40b@db.example:5433/main?sslmode=require&application_name=x", []string{"PGDATABASE=main", "PGHOST=db.example", "PGPASSWORD=a@b", "PGPORT=5433", "PGSSLMODE=require", "PGUSER=shop"}},
		{"host=/run/pg user=shop dbname='my shop'", []string{"PGDATABASE=my shop", "PGHOST=/run/pg", "PGUSER=shop"}},
		{"postgres://a,b/shop", []string{"PGDATABASE=shop", "PGHOST=a,b"}},
		{"mysql://a/b", nil},
	} {
		if got := (Dialect{}).Environ(c.address); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.address, got, c.want)
		}
	}
}
