// Package apps holds the tests that let cmd/leaven write applications into
// temporary folders and use them for real: they are built, vetted and tested, the
// image of their Dockerfile runs in an empty root, and their container and cluster
// files are read by those who define them. Nothing imports it.
package apps
