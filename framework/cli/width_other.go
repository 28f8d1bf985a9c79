//go:build !unix

package cli

import "os"

// terminalWidth does not know how to ask; 0 means unlimited.
func terminalWidth(*os.File) int { return 0 }
