package secret_test

import (
	"fmt"

	"github.com/leavendb/leaven/framework/internal/secret"
)

func Example() {
	fmt.Println(secret.Mask("cannot reach postgres://shop:bread@db/shop?sslpassword=salt"))
	fmt.Println(secret.Parameters("host=db password='bread and salt'"))
	// Output:
	// cannot reach postgres://shop:***@db/shop?sslpassword=***
	// [bread and salt]
}
