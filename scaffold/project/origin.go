package project

import (
	"path/filepath"
	"runtime"
)

// FindCheckout finds a checkout of Leaven: the module that the folder dir belongs
// to, or else the one that this program was built from. Empty: there is none.
func FindCheckout(dir string) string {
	_, file, _, _ := runtime.Caller(0)
	for _, at := range []string{dir, filepath.Dir(file)} {
		if !filepath.IsAbs(at) && at != dir {
			continue // built with -trimpath
		}
		if m, err := FindModule(at); err == nil && m.Path == LeavenModule {
			return m.Dir
		}
	}
	return ""
}
