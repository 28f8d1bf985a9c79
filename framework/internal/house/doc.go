// Package house holds the tests that keep the repository in its shape: what lies
// at the top, which package may import which, and who may print. Nothing imports
// it; each rule is also shown a tree that breaks it.
package house
