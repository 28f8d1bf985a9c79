// Package strict reads the container and cluster files of an application with the
// types of those who define them. It is a module of its own, because those weigh
// much: what users of Leaven link, and their go.sum, know nothing of it.
//
// APPLICATION names the folder of the application.
package strict
