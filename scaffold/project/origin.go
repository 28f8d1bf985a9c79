package project

import (
	"path/filepath"
	"runtime"
)

// FindCheckout finds a checkout of Leaven: the module that the folder dir belongs
// to, or else the one that this program was built from. Empty: there is none.
func FindCheckout(dir string) string {
	places := []string{dir}
	if source := ownFolder(); filepath.IsAbs(source) { // built with -trimpath it is not
		places = append(places, source)
	}
	for _, at := range places {
		if m, err := FindModule(at); err == nil && m.Path == LeavenModule {
			return m.Dir
		}
	}
	return ""
}

// ownFolder is where this file was when it was compiled.
func ownFolder() string {
	pc := make([]uintptr, 1)
	runtime.Callers(1, pc)
	frame, _ := runtime.CallersFrames(pc).Next()
	return filepath.Dir(frame.File)
}
