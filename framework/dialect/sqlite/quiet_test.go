package sqlite_test

import "flag"

// A failure prints how to repeat it; files of failures do not belong here.
func init() { _ = flag.Set("rapid.nofailfile", "true") }
