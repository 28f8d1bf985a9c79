package rowtest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/leavendb/leaven/framework/schema"
)

// values are literals of SQL, one for each row to come, that the column takes as
// it is and as it will be (nil: it goes). None: there is no such value.
func (f *filler) values(c schema.Column, will *schema.Column, words renamed) []string {
	to := c.Type
	if will != nil {
		to = will.Type
	}
	if c.Type.Kind == schema.KindEnum || to.Kind == schema.KindEnum {
		return f.enumValues(c.Type, to, words)
	}
	if f.fit == FromOnly {
		return wild(c.Type)
	}
	pick := c.Type
	if isText(pick) {
		pick = to
	}
	return samples(pick, to.Kind == schema.KindDate || c.Type.Kind == schema.KindDate)
}

// samples are small values of a type, all different where it has so many.
func samples(t schema.Type, day bool) []string {
	all := make([]string, perTable)
	for i := range all {
		all[i] = sample(t, i+1, day)
	}
	return all
}

// enumValues are those that both types have.
func (f *filler) enumValues(from, to schema.Type, words renamed) []string {
	is, will := f.from.Enum(from.Schema, from.Name), f.to.Enum(to.Schema, to.Name)
	var values, all []string
	switch {
	case is != nil:
		values = is.Values
	case isText(from) && will != nil:
		values = will.Values
	}
	for _, v := range values {
		if to.Kind == schema.KindEnum && (will == nil || !slices.Contains(will.Values, words.rename(v))) || to.Kind != schema.KindEnum && !isText(to) {
			continue
		}
		all = append(all, f.dialect.Literal(v))
	}
	return all
}

// wild are values that use what the type allows.
func wild(t schema.Type) []string {
	all := samples(t, false)
	for i := range all {
		switch {
		case t.Kind == schema.KindBigInt:
			all[i] = strconv.Itoa(5_000_000_000 + i)
		case t.Kind == schema.KindInteger:
			all[i] = strconv.Itoa(70_000 + i)
		case t.Kind == schema.KindDouble || t.Kind == schema.KindNumeric && t.Scale > 0:
			all[i] += ".5"
		case t.Kind == schema.KindText || t.Kind == schema.KindVarchar && (t.Precision == 0 || t.Precision >= 20):
			all[i] = fmt.Sprintf("'a text of letters %d'", i)
			if t.Precision == 0 {
				all[i] = fmt.Sprintf("'a text of quite a lot of letters %d'", i)
			}
		}
	}
	return all
}

func isText(t schema.Type) bool { return t.Kind == schema.KindText || t.Kind == schema.KindVarchar }

// sample is the n-th value of a type, from 1; a point in time without a time of
// the day where a type keeps none.
func sample(t schema.Type, n int, day bool) string {
	switch t.Kind {
	case schema.KindSmallInt, schema.KindInteger, schema.KindBigInt, schema.KindReal, schema.KindDouble, schema.KindNumeric:
		return strconv.Itoa(n)
	case schema.KindBoolean:
		return strconv.FormatBool(n%2 == 1)
	case schema.KindTime:
		return fmt.Sprintf("'03:04:%02d'", n)
	case schema.KindDate:
		return fmt.Sprintf("'2026-01-%02d'", n)
	case schema.KindTimestamp, schema.KindTimestamptz:
		if day {
			return fmt.Sprintf("'2026-01-%02d 00:00:00'", n)
		}
		return fmt.Sprintf("'2026-01-02 03:04:%02d'", n)
	case schema.KindInterval:
		return fmt.Sprintf("'%d days'", n)
	case schema.KindUUID:
		return fmt.Sprintf("'6ba7b810-9dad-11d1-80b4-00c04fd430c%d'", n)
	case schema.KindArray:
		return fmt.Sprintf("'{%d}'", n)
	case schema.KindRaw:
		return rawSample(t.String(), n)
	}
	return fmt.Sprintf("'%d'", n)
}

// rawSample knows a type by the text that it is.
func rawSample(typ string, n int) string {
	switch {
	case strings.HasPrefix(typ, "numeric"):
		return strconv.Itoa(n)
	case strings.HasPrefix(typ, "timestamp"):
		return sample(schema.Timestamptz, n, true)
	case strings.HasPrefix(typ, "inet"):
		return fmt.Sprintf("'10.0.0.%d'", n)
	}
	return fmt.Sprintf("'%d'", n)
}

// meaning is a value apart from how its type writes it.
func meaning(v string) string {
	if n, err := strconv.ParseFloat(v, 64); err == nil {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	switch v {
	case "true":
		return "1"
	case "false":
		return "0"
	}
	for _, zone := range []string{"+00", " 00:00:00"} {
		v = strings.TrimSuffix(v, zone)
	}
	return strings.TrimSuffix(strings.ReplaceAll(v, " ", ""), "/32") // json, and cidr
}
