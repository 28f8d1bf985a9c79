// Package emptyroot runs programs as a container does that was made from nothing:
// in a root that holds only what the test lays there, as a user who is not root,
// and on wish as process 1 of its own. It needs root or user namespaces.
package emptyroot
