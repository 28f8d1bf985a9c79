package migrate

import (
	"crypto/rand"
	"encoding/hex"
	"os"
	"os/user"
	"runtime/debug"
	"sync"

	"github.com/leavendb/leaven/framework/history"
)

// identity is who migrates, as history records it.
type identity struct {
	by         string // user@host
	tool       string // version of Leaven
	appVersion string
	appCommit  string
}

const (
	modulePath   = "github.com/leavendb/leaven"
	unknownBuild = "unknown"
)

var build = sync.OnceValue(func() identity {
	id := identity{by: "unknown", tool: "devel", appVersion: unknownBuild, appCommit: unknownBuild}
	name := "?"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	if host, err := os.Hostname(); err == nil {
		id.by = name + "@" + host
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return id
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		id.appVersion = v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			id.appCommit = s.Value
		}
	}
	for _, dep := range info.Deps {
		if dep.Path == modulePath && dep.Version != "" {
			id.tool = dep.Version
		}
	}
	return id
})

// whoAmI is asked for where a row is written: the name of a user may come over
// the network, and a run that has nothing to do needs none.
func whoAmI(o Options) identity {
	id := build()
	if o.AppVersion != "" {
		id.appVersion = o.AppVersion
	}
	if o.AppCommit != "" {
		id.appCommit = o.AppCommit
	}
	return id
}

func (m *Migrator) identity() identity { return whoAmI(m.o) }

// record starts a row for an attempt of m.
func (id identity) record(k *Known, attempt string) history.Record {
	r := history.Record{ID: k.ID, Attempt: attempt, AppliedBy: id.by, Tool: id.tool, AppVersion: id.appVersion, AppCommit: id.appCommit}
	if k.Source != nil {
		r.Raw, r.Tokens = k.Source.Raw(), k.Source.Tokens()
	}
	return r
}

// newAttempt names one try, unlike every other one.
func newAttempt() string {
	var b [12]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
