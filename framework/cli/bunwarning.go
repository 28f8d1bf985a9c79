package cli

import (
	"fmt"
	"io"
	"strings"
	"sync"
)

// bunWarnings shows what bun warns of, each once and without a date: models are
// read for several databases.
type bunWarnings struct {
	to   io.Writer
	told sync.Map
}

// Printf implements bun's logger.
func (w *bunWarnings) Printf(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	for _, prefix := range []string{"WARN: ", "bun: ", "bun: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	if _, before := w.told.LoadOrStore(text, true); !before {
		fmt.Fprintln(w.to, "Note:  bun warns: "+text)
	}
}
