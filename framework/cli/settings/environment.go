package settings

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
)

// layer is one place that holds variables: the environment or a file.
type layer struct {
	file   string // empty: the environment
	lookup func(name string) (string, bool)
}

// environment is all layers, the strongest first.
type environment struct {
	layers   []layer
	readFile func(path string) ([]byte, error)
}

// load reads the env files that count.
func load(src Source) (*environment, error) {
	e := &environment{readFile: src.ReadFile}
	if e.readFile == nil {
		e.readFile = func(string) ([]byte, error) { return nil, fs.ErrNotExist }
	}
	if src.LookupEnv != nil {
		e.layers = append(e.layers, layer{lookup: src.LookupEnv})
	}
	if len(src.EnvFiles) > 0 {
		return e, e.addNamed(src.EnvFiles)
	}
	if Guarded(e.value("APP_ENV", "").Text) {
		return e, nil
	}
	return e, e.addDotEnv()
}

func (e *environment) addNamed(paths []string) error {
	for _, path := range slices.Backward(paths) {
		data, err := e.readFile(path)
		if err != nil {
			return &Error{What: "the env file " + path + " cannot be read", Why: reason(err), Next: "correct the path of --env-file"}
		}
		if err := e.add(path, data, false); err != nil {
			return err
		}
	}
	return nil
}

// addDotEnv reads .env, a file for development. One that asks for a guarded
// APP_ENV contradicts itself: under that it would not be read.
func (e *environment) addDotEnv() error {
	data, err := e.readFile(".env")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return &Error{What: "the file .env cannot be read", Why: reason(err), Next: "make it readable, or remove it"}
	}
	if err := e.add(".env", data, true); err != nil {
		return err
	}
	if v := e.value("APP_ENV", ""); Guarded(v.Text) {
		return &Error{
			What: ".env sets APP_ENV to a guarded word",
			Why:  "under that word .env is not read: it would take settings from a file that was forgotten there",
			Next: "set APP_ENV in the environment, and name the file with --env-file .env if it is meant",
		}
	}
	return nil
}

func (e *environment) add(path string, data []byte, dotenv bool) error {
	vars, err := parseEnvFile(path, data, dotenv)
	if err != nil {
		return err
	}
	e.layers = append(e.layers, layer{file: path, lookup: func(name string) (string, bool) {
		v, ok := vars[name]
		return v, ok
	}})
	return nil
}

func (l layer) has(name string) (string, bool) {
	v, _ := l.lookup(name)
	v = strings.TrimSpace(v)
	return v, v != ""
}

// set returns those of the names that are set here.
func (l layer) set(names ...string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { _, ok := l.has(name); return !ok })
}

func (l layer) provenance(name string) Provenance { return Provenance{Name: name, File: l.file} }

// value returns the strongest layer's value, or the default.
func (e *environment) value(name, otherwise string) Value {
	for _, l := range e.layers {
		if v, ok := l.has(name); ok {
			return Value{Text: v, From: l.provenance(name)}
		}
	}
	return Value{Text: otherwise}
}

func (e *environment) oneOf(name, otherwise string, words ...string) (Value, error) {
	v := e.value(name, otherwise)
	v.Text = strings.ToLower(v.Text)
	if !slices.Contains(words, v.Text) {
		return v, &Error{What: name + " has an unknown value", Next: "set it to one of: " + strings.Join(words, ", ")}
	}
	return v, nil
}

// fileSuffix makes the name of the twin that names a file with the value.
const fileSuffix = "_FILE"

// secret returns the value of a variable or of its _FILE twin in one layer.
func (e *environment) secret(l layer, name string) (string, Provenance, error) {
	plain, isPlain := l.lookup(name)
	isPlain = isPlain && plain != ""
	path, isFile := l.has(name + fileSuffix)
	switch {
	case isPlain && isFile:
		return "", Provenance{}, &Error{What: name + " and " + name + "_FILE are both set", Next: "unset one of them"}
	case isPlain:
		return plain, l.provenance(name), nil
	case !isFile:
		return "", Provenance{}, nil
	}
	// The path is not told: who mistakes the twin writes the secret itself.
	data, err := e.readFile(path)
	if err != nil {
		return "", Provenance{}, &Error{What: "the file that " + name + "_FILE names cannot be read", Why: reason(err), Next: "correct the path, or the file's permissions"}
	}
	text := strings.TrimRight(string(data), "\r\n")
	if text == "" {
		return "", Provenance{}, &Error{What: "the file that " + name + "_FILE names is empty", Next: "write the value into it"}
	}
	return text, l.provenance(name + fileSuffix), nil
}

// anySecret is secret in the strongest layer that has it.
func (e *environment) anySecret(name string) (string, Provenance, error) {
	for _, l := range e.layers {
		if v, from, err := e.secret(l, name); v != "" || err != nil {
			return v, from, err
		}
	}
	return "", Provenance{}, nil
}

// reason is an error without the path in it.
func reason(err error) string {
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}
