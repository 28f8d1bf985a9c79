package strict

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	apps "k8s.io/api/apps/v1"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// kinds are what the files may hold.
var kinds = map[string]func() any{
	"batch/v1 Job":       func() any { return new(batch.Job) },
	"apps/v1 Deployment": func() any { return new(apps.Deployment) },
}

// TestKubernetes reads each file as the API server does that knows no unknown
// fields, and looks at what matters for migrations.
func TestKubernetes(t *testing.T) {
	top := filepath.Join(os.Getenv("APPLICATION"), "k8s")
	files, _ := filepath.Glob(filepath.Join(top, "*.yaml"))
	variants, _ := filepath.Glob(filepath.Join(top, "variants", "*.yaml"))
	if len(files) == 0 || len(variants) == 0 {
		t.Fatalf("%d files and %d variants", len(files), len(variants))
	}
	files = append(files, variants...)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var head meta.TypeMeta
			if err := yaml.Unmarshal(text, &head); err != nil {
				t.Fatal(err)
			}
			kind := kinds[head.APIVersion+" "+head.Kind]
			if kind == nil {
				t.Fatalf("it is a %s of %s", head.Kind, head.APIVersion)
			}
			object := kind()
			if err := yaml.UnmarshalStrict(text, object); err != nil {
				t.Fatal(err)
			}
			switch o := object.(type) {
			case *batch.Job:
				checkJob(t, o)
			case *apps.Deployment:
				checkDeployment(t, o)
			}
		})
	}
}

func checkJob(t *testing.T, j *batch.Job) {
	if j.Spec.Template.Spec.RestartPolicy != core.RestartPolicyNever {
		t.Error("a podFailurePolicy needs restartPolicy: Never")
	}
	if j.Spec.PodFailurePolicy == nil {
		t.Fatal("no podFailurePolicy")
	}
	var final []int32
	for _, r := range j.Spec.PodFailurePolicy.Rules {
		if r.OnExitCodes != nil && r.Action == batch.PodFailurePolicyActionFailJob {
			final = append(final, r.OnExitCodes.Values...)
			if *r.OnExitCodes.ContainerName != j.Spec.Template.Spec.Containers[0].Name {
				t.Error("the rule is for another container")
			}
		}
	}
	if want := []int32{1, 2, 4, 7, 9}; !slices.Equal(final, want) { // must be in order
		t.Errorf("the Job ends with %v, want %v", final, want)
	}
	checkPod(t, j.Spec.Template.Spec)
}

func checkDeployment(t *testing.T, d *apps.Deployment) {
	for name, value := range d.Spec.Selector.MatchLabels {
		if d.Spec.Template.Labels[name] != value {
			t.Errorf("the selector's %s=%s is not on the pod", name, value)
		}
	}
	app := d.Spec.Template.Spec.Containers[0]
	if len(app.Command) != 1 {
		t.Errorf("what migrates before it answers no probes: %q", app.Command)
	}
	if mode := app.Env[slices.IndexFunc(app.Env, func(e core.EnvVar) bool { return e.Name == "MIGRATE_ON_START" })].Value; mode == "apply" {
		t.Error("it migrates too")
	}
	if app.StartupProbe.HTTPGet != nil && app.StartupProbe.HTTPGet.Path != app.LivenessProbe.HTTPGet.Path {
		t.Error("a long migration would end it")
	}
	for what, p := range map[string]*core.Probe{"startup": app.StartupProbe, "liveness": app.LivenessProbe, "readiness": app.ReadinessProbe} {
		if p == nil || p.HTTPGet == nil || p.HTTPGet.Port.StrVal != app.Ports[0].Name {
			t.Fatalf("the %s probe asks nobody: %+v", what, p)
		}
	}
	if app.LivenessProbe.HTTPGet.Path == app.ReadinessProbe.HTTPGet.Path {
		t.Error("a pod that is not ready would be killed")
	}
	checkPod(t, d.Spec.Template.Spec)
}

func checkPod(t *testing.T, p core.PodSpec) {
	if !*p.SecurityContext.RunAsNonRoot || *p.SecurityContext.RunAsUser != 65532 {
		t.Error("it runs as root")
	}
	for _, c := range append(p.InitContainers, p.Containers...) {
		if !slices.ContainsFunc(c.Env, func(e core.EnvVar) bool {
			return e.Name == "DATABASE_URL" && e.ValueFrom != nil && e.ValueFrom.SecretKeyRef != nil
		}) {
			t.Errorf("%s does not get its database from a Secret", c.Name)
		}
		if !*c.SecurityContext.ReadOnlyRootFilesystem {
			t.Errorf("%s writes to its root", c.Name)
		}
	}
}
