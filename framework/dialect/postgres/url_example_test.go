package postgres_test

import (
	"fmt"

	"github.com/leavendb/leaven/framework/dialect/postgres"
)

func ExampleParseURL() {
	config, err := postgres.ParseURL("postgres://app:p%40ss@db1:5433,db2/shop?target_session_attrs=read-write")
	fmt.Println(config, err)
	fmt.Println(config.SSLMode, config.Target, config.Password)

	_, err = postgres.ParseURL("postgres://app:p%40ss@db1/shop?sslmod=require")
	fmt.Println(err)
	// Output:
	// database shop on db1:5433,db2:5432 as app <nil>
	// prefer read-write xxxxx
	// database URL: sslmod: unknown parameter; a setting of the server is given with options=-c name=value
}

func ExampleRedact() {
	fmt.Println(postgres.Redact("postgres://app:p%40ss@db1:5433/shop?sslmode=require"))
	fmt.Println(postgres.Redact("postgres://app:p@ss/word@db1/shop"))
	// Output:
	// postgres://app:xxxxx@db1:5433/shop?sslmode=require
	// postgres://xxxxx@db1/shop
}
