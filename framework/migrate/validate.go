package migrate

import (
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
)

// Finding is something that Validate has found.
type Finding struct {
	ID      string // of the migration; empty: none in particular
	Where   string // file:line or file; empty: unknown
	Message string // what was found
	Next    string // what to do; may be empty
	Warning bool   // it does not keep the migrations from running
	Err     error  // what it is an instance of: ErrRegistry, ErrEdited, ErrTwoHeads, …; nil for warnings
}

// ValidateOffline is Validate without a database: faults of the registry, names
// of files, heads, migrations that cannot be run again, and sources that depend
// on the live program. Of the options it uses Registry and Sources. Findings that
// keep the migrations from running come first, then each kind in order of IDs.
func ValidateOffline(o Options) []Finding { return offlineFindings(o) }

func offlineFindings(o Options) []Finding { return findingsOf(o, mainModule()) }

// findingsOf is offlineFindings for a program of the given module.
func findingsOf(o Options, module string) []Finding {
	registry := o.withDefaults().Registry
	var found []Finding
	for _, p := range registry.Problems() {
		found = append(found, Finding{ID: p.ID, Where: p.Where, Message: p.Message, Err: ErrRegistry})
	}
	files, err := newSources(o.Sources)
	if err != nil {
		found = append(found, Finding{Message: err.Error(), Next: "check Options.Sources", Err: ErrConfig})
	}
	known := files.attach(registry.known())
	found = append(found, headFindings(known)...)
	found = append(found, nameFindings(known)...)
	found = append(found, unregistered(known, files)...)
	var warnings []Finding
	for i := range known {
		warnings = append(warnings, warningsOf(&known[i], module)...)
	}
	warnings = append(warnings, numberFindings(known)...)
	slices.SortStableFunc(warnings, func(a, b Finding) int { return strings.Compare(a.ID, b.ID) })
	return append(found, warnings...)
}

func headFindings(known []Known) []Finding {
	heads := headsOf(known)
	if len(heads) < 2 {
		return nil
	}
	e := twoHeads(heads, nil)
	return []Finding{{
		ID: heads[len(heads)-1], Message: e.Error(),
		Next: "run: " + strings.Join(e.Next, ", or: "), Err: ErrTwoHeads,
	}}
}

// nameFindings compares IDs with file names. Migrations of tests have no files of
// their own.
func nameFindings(known []Known) []Finding {
	var found []Finding
	for i := range known {
		k := &known[i]
		if k.File == "" || k.at.told || strings.HasSuffix(k.File, "_test.go") {
			continue
		}
		f := Finding{ID: k.ID, Where: k.Where(), Err: ErrRegistry}
		if word := builtOnlyOn(k.ID); word != "" {
			f.Message = fmt.Sprintf("go build takes a file called %s.go only for %q", k.ID, word)
			f.Next = "add a word to the end of its ID and file name"
			found = append(found, f)
		} else if k.File != k.ID+".go" {
			f.Message = fmt.Sprintf("the file %s registers the ID %s", k.File, k.ID)
			f.Next = fmt.Sprintf("rename the file to %s.go, or before it was applied anywhere, change the ID", k.ID)
			found = append(found, f)
		}
	}
	slices.SortStableFunc(found, func(a, b Finding) int { return strings.Compare(a.ID, b.ID) })
	return found
}

// unregistered finds sources that look like migrations and are none in this
// program: they would never run, and nobody would notice.
func unregistered(known []Known, files sources) []Finding {
	registers := map[string]bool{}
	for i := range known {
		registers[known[i].File] = true
	}
	var found []Finding
	for base := range files {
		id := strings.TrimSuffix(base, ".go")
		if registers[base] || checkID(id) != nil {
			continue
		}
		f := Finding{ID: id, Where: base, Message: "no migration is registered by this file", Next: "call migrate.Register in its init function", Err: ErrRegistry}
		if word := builtOnlyOn(id); word != "" {
			f.Next = fmt.Sprintf("go build takes it only for %q: add a word to the end of its name and ID", word)
		}
		found = append(found, f)
	}
	slices.SortFunc(found, func(a, b Finding) int { return strings.Compare(a.ID, b.ID) })
	return found
}

// warningsOf are the warnings about one migration.
func warningsOf(k *Known, module string) []Finding {
	var found []Finding
	warn := func(message, next string) {
		found = append(found, Finding{ID: k.ID, Where: k.Where(), Message: message, Next: next, Warning: true})
	}
	if k.NoTx && !k.Rerunnable {
		warn("is NoTx and not Rerunnable: after an interruption somebody must decide what to do",
			"if it can be run again from any point, say Rerunnable: true")
	}
	if !k.Change.IsZero() && k.NoDown != "" && k.Irreversible == "" {
		warn("cannot be reverted: "+k.NoDown, "give the operation what it needs (Was, Reverse), or say why in Irreversible")
	}
	if k.Source != nil && k.Source.isGo() && !k.at.told {
		for _, path := range liveImports(k.Source.Text(), module, k.at.pkg) {
			warn("imports "+path+", which changes while the migration must not",
				"copy what it uses into the migration")
		}
	}
	return found
}

// numberFindings warns where an empty After does not mean the previous number,
// because numbers of different lengths do not sort as strings: 10_b before 9_a.
func numberFindings(known []Known) []Finding {
	sorted := slices.Clone(known)
	slices.SortFunc(sorted, func(a, b Known) int { return strings.Compare(a.ID, b.ID) })
	var found []Finding
	for i := 1; i < len(sorted); i++ {
		before, k := sorted[i-1].ID, &sorted[i]
		if !k.Named && misordered(before, k.ID) {
			found = append(found, Finding{
				ID: k.ID, Where: k.Where(), Warning: true,
				Message: fmt.Sprintf("comes after %s, because IDs are compared as strings", before),
				Next:    "give the numbers the same length, or name the parent in After",
			})
		}
	}
	return found
}

// leaven is the import path of what migrations are meant to import, also where
// it is part of the app's own module.
const leaven = "github.com/leavendb/leaven/framework"

// liveImports returns the imports of a migration that belong to the app itself:
// packages of its module, except the migration's own package and what is below
// it.
func liveImports(source []byte, module, own string) []string {
	if module == "" {
		return nil
	}
	var live []string
	for _, path := range importsOf(source) {
		if within(path, module) && !within(path, own) && !within(path, leaven) {
			live = append(live, path)
		}
	}
	return live
}

func within(path, tree string) bool {
	return tree != "" && (path == tree || strings.HasPrefix(path, tree+"/"))
}

// mainModule is the path of the program's main module; empty: unknown.
func mainModule() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Path
	}
	return ""
}
