package postgres

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/jackc/pgpassfile"
	"github.com/jackc/pgservicefile"
)

// fillFromService adds what the named service of the service file says and the
// URL does not.
func (p parameters) fillFromService() error {
	name := p["service"]
	if name == "" {
		return nil
	}
	path := p.get("servicefile", inHome(".pg_service.conf"))
	file, err := pgservicefile.ReadServicefile(path)
	if err != nil {
		return &URLError{Parameter: "service", Problem: "the service file cannot be read: " + fileReason(err)}
	}
	service, err := file.GetService(name)
	if err != nil {
		return &URLError{Parameter: "service", Problem: "the service file has no such service"}
	}
	for key, value := range service.Settings {
		if err := check(span{name: key, value: value}, false); err != nil {
			return err
		}
		if key == "service" || key == "servicefile" {
			return &URLError{Parameter: "service", Problem: "a service cannot name another"}
		}
		if p[key] == "" {
			p[key] = value
		}
	}
	return nil
}

// passwords reads the password file: the one that is named, or libpq's in the
// user's home. As in libpq, a file that others can read does not count.
func (p parameters) passwords() (*pgpassfile.Passfile, error) {
	path := p.get("passfile", inHome(".pgpass"))
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) || path == "":
		return nil, nil
	case err != nil:
		return nil, &URLError{Parameter: "passfile", Problem: "cannot be read: " + reason(err)}
	case info.IsDir():
		return nil, nil
	case info.Mode().Perm()&0o077 != 0:
		if p["passfile"] == "" {
			return nil, nil
		}
		return nil, &URLError{Parameter: "passfile", Problem: "others can read it, so it is not used: chmod 600 it"}
	}
	file, err := pgpassfile.ReadPassfile(path)
	if err != nil {
		return nil, &URLError{Parameter: "passfile", Problem: "cannot be read: " + fileReason(err)}
	}
	return file, nil
}

// fillPasswords gives each host the password that the file has for it.
func (p parameters) fillPasswords(c *Config) error {
	if c.Password != "" {
		return nil
	}
	file, err := p.passwords()
	if file == nil || err != nil {
		return err
	}
	for i := range c.Hosts {
		h := &c.Hosts[i]
		name := h.Name
		if h.Socket() {
			name = "localhost"
		}
		h.password = Secret(file.FindPassword(name, strconv.Itoa(h.Port), c.Database, c.User))
	}
	return nil
}

// fileReason tells why a file with secrets cannot be read, and nothing of it.
func fileReason(err error) string {
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return path.Err.Error()
	}
	return "it is not in the form that libpq reads"
}

func inHome(name string) string {
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, name)
}
