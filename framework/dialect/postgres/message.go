package postgres

import (
	"encoding/binary"
	"maps"
	"slices"
	"strings"
)

// message frames a body.
func message(kind byte, body []byte) []byte {
	m := binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(body)+4))
	return append(m, body...)
}

// isFatal tells that an ErrorResponse ends the session. V is the severity in
// English, whatever language the messages are in.
func isFatal(m []byte) bool {
	for f := range strings.SplitSeq(string(m[5:]), "\x00") {
		if f == "VFATAL" || f == "VPANIC" {
			return true
		}
	}
	return false
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
