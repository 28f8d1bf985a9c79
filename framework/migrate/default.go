package migrate

// DefaultRegistry returns the registry that [Register] adds to, for programs
// that show what is registered.
func DefaultRegistry() *Registry { return defaultRegistry }
