package strict

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// sizes are the memory in MiB that Fargate offers for an amount of CPU: least and
// most, and the step between.
var sizes = map[string][3]int{"256": {512, 2048, 512}, "512": {1024, 4096, 1024}, "1024": {2048, 8192, 1024}}

// TestTaskOfECS reads the task as `aws ecs register-task-definition` does, which
// knows no unknown fields, and looks at what Fargate wants and what migrations need.
func TestTaskOfECS(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(os.Getenv("APPLICATION"), "deploy", "ecs-task.json"))
	if err != nil {
		t.Fatal(err)
	}
	var task types.TaskDefinition
	read := json.NewDecoder(bytes.NewReader(text))
	read.DisallowUnknownFields()
	if err := read.Decode(&task); err != nil {
		t.Fatal(err)
	}
	if task.Family == nil || task.NetworkMode != types.NetworkModeAwsvpc || len(task.RequiresCompatibilities) != 1 || task.RequiresCompatibilities[0] != types.CompatibilityFargate {
		t.Errorf("it is no task of Fargate: %s", text)
	}
	memory, _ := strconv.Atoi(*task.Memory)
	if size, ok := sizes[*task.Cpu]; !ok || memory < size[0] || memory > size[1] || memory%size[2] != 0 {
		t.Errorf("Fargate has no %s with %s", *task.Cpu, *task.Memory)
	}
	if task.ExecutionRoleArn == nil {
		t.Error("nobody may read the secret and write the log")
	}
	if len(task.ContainerDefinitions) != 1 {
		t.Fatalf("%d containers", len(task.ContainerDefinitions))
	}
	c := task.ContainerDefinitions[0]
	if !*c.Essential || *c.User != "65532:65532" || !*c.ReadonlyRootFilesystem || *c.StopTimeout < 30 || *c.StopTimeout > 120 {
		t.Errorf("%+v", c)
	}
	if len(c.Secrets) != 1 || *c.Secrets[0].Name != "DATABASE_URL" || *c.Secrets[0].ValueFrom == "" {
		t.Error("the database does not come from a secret")
	}
	for _, e := range c.Environment {
		if *e.Name == "DATABASE_URL" {
			t.Error("the address of the database is in the clear")
		}
	}
	if log := c.LogConfiguration; log == nil || log.LogDriver != types.LogDriverAwslogs || log.Options["awslogs-group"] == "" || log.Options["awslogs-region"] == "" || log.Options["awslogs-stream-prefix"] == "" {
		t.Errorf("the log goes nowhere: %+v", log)
	}
}
