package dialect

// Completer is implemented by openers whose addresses leave things open that
// other settings say, as libpq's variables do.
type Completer interface {
	// Recognises tells that a text without a scheme is an address all the same,
	// such as host=... dbname=....
	Recognises(address string) bool

	// Complete adds to an address what it leaves open, from values by the names
	// of parameters, and returns it with the names of those that it took, in
	// order. What cannot be read is returned as it is.
	Complete(address string, values map[string]string) (string, []string)

	// Secrets returns the secrets of an address, those among them that stand in
	// files which it names, so that they can be taken out of texts. It returns
	// those that it can read.
	Secrets(address string) []string
}
