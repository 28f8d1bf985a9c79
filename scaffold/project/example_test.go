package project_test

import (
	"fmt"

	"github.com/leavendb/leaven/scaffold/project"
)

// What a new application would get in a folder that is not there yet.
func ExampleApp_New() {
	app := project.App{Name: "shop", Module: "example.com/shop", First: "20261121090000_products"}
	files, err := app.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	changes, err := project.Compare("nowhere", files)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range changes {
		if c.Kind == project.Add {
			fmt.Println(c.Path)
		}
	}
	// Output:
	// .dockerignore
	// .env.example
	// .github/workflows/migrations.yml
	// .gitignore
	// Dockerfile
	// Makefile
	// README.md
	// cmd/migrate/main.go
	// compose.migrate.yaml
	// compose.yaml
	// database.go
	// deploy/ecs-task.json
	// deploy/swarm.yaml
	// k8s/deployment.yaml
	// k8s/migrate-job.yaml
	// k8s/variants/helm-hook.yaml
	// k8s/variants/init-container.yaml
	// main.go
	// migrations/20261121090000_products.go
	// migrations/migrations_test.go
	// migrations/sources.go
	// models/models.go
	// models/product.go
	// server.go
	// server_test.go
}
