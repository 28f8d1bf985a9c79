package model_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/leavendb/leaven/framework/model"
	"github.com/uptrace/bun"
)

// BenchmarkLoad reads 500 models of 8 columns.
func BenchmarkLoad(b *testing.B) {
	var models []any
	for i := range 500 {
		fields := []reflect.StructField{{Name: "BaseModel", Type: reflect.TypeFor[bun.BaseModel](), Anonymous: true, Tag: reflect.StructTag(fmt.Sprintf(`bun:"table:t%d"`, i))},
			{Name: "ID", Type: reflect.TypeFor[int64](), Tag: `bun:",pk,autoincrement"`}}
		for j := range 7 {
			fields = append(fields, reflect.StructField{Name: fmt.Sprintf("C%d", j), Type: reflect.TypeFor[string](), Tag: `bun:",notnull,default:'x'" leaven:"index"`})
		}
		models = append(models, reflect.New(reflect.StructOf(fields)).Interface())
	}
	for b.Loop() {
		if _, err := model.Load(pg, models, model.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
