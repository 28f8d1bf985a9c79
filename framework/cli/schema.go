package cli

import _ "embed"

// Schema is the JSON Schema (draft 2020-12) of the documents that --json writes:
// format leaven/1. It allows unknown fields, because fields are added.
//
//go:embed schema/leaven-1.json
var Schema string
