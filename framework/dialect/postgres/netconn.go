package postgres

import (
	"net"
	"reflect"
)

// NetConn returns the network connection below what sql.Conn.Raw passes to its
// function, nil where it is not known. Closing it is the last means against a
// statement that does not answer. It knows pgdriver and pgx stdlib.
func NetConn(driverConn any) net.Conn {
	if c, ok := driverConn.(interface{ Conn() net.Conn }); ok {
		return c.Conn()
	}
	// pgx: (*stdlib.Conn).Conn().PgConn().Conn(), without its import.
	v := reflect.ValueOf(driverConn)
	if v = call(v, v.IsValid(), "Conn"); v.IsValid() {
		v = call(v, true, "PgConn")
	}
	if v = call(v, v.IsValid(), "Conn"); !v.IsValid() || !v.CanInterface() {
		return nil
	}
	conn, _ := v.Interface().(net.Conn)
	return conn
}

// call calls a method that takes nothing and returns one value; without it, the
// result is not valid.
func call(v reflect.Value, valid bool, name string) reflect.Value {
	if !valid || v.Kind() == reflect.Pointer && v.IsNil() {
		return reflect.Value{}
	}
	var m reflect.Value
	switch name { // constant names, so that the linker keeps only these methods
	case "Conn":
		m = v.MethodByName("Conn")
	case "PgConn":
		m = v.MethodByName("PgConn")
	case "Config":
		m = v.MethodByName("Config")
	}
	if !m.IsValid() || m.Type().NumIn() != 0 || m.Type().NumOut() != 1 {
		return reflect.Value{}
	}
	return m.Call(nil)[0]
}

// NetConn is the function of that name, for who has only the dialect.
func (Dialect) NetConn(driverConn any) net.Conn { return NetConn(driverConn) }
