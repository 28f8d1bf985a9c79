package cli

// view is the result of a command. It is shown as text by show, and encoded as
// JSON as it is.
type view interface {
	show(c *call)
}

// exiting is a view whose exit code is not 0 although nothing failed.
type exiting interface{ exitCode() int }
