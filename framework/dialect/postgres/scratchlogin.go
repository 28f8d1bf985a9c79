package postgres

import (
	"context"
	"crypto/tls"
	"database/sql/driver"
	"net"
	"reflect"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/driver/pgdriver"
)

// login makes connectors to another database of a server that somebody else has
// opened.
type login func(database string) driver.Connector

// wayOf learns from a connection of the pool how it was made; nil where the
// driver does not tell. Password, certificates and tunnels stay what they are.
func wayOf(ctx context.Context, db *bun.DB) (way login, err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	err = conn.Raw(func(driverConn any) error {
		for _, read := range []func(any) login{ourWay, pgdriverWay, pgxWay} {
			if way = read(driverConn); way != nil {
				break
			}
		}
		return nil
	})
	return way, err
}

// ourWay knows the connections of Open.
func ourWay(driverConn any) login {
	w, ours := NetConn(driverConn).(*wire)
	if !ours || w.from == nil {
		return nil
	}
	return func(database string) driver.Connector {
		c := *w.from
		c.config.Database = database
		return &c
	}
}

// pgdriverWay knows connections of a pgdriver.Connector, which keep its
// configuration to themselves.
func pgdriverWay(driverConn any) login {
	c, ok := driverConn.(*pgdriver.Conn)
	if !ok {
		return nil
	}
	field := reflect.ValueOf(c).Elem().FieldByName("conf")
	if !field.IsValid() || field.Type() != reflect.TypeFor[*pgdriver.Config]() || field.IsNil() {
		return nil
	}
	config := *(*pgdriver.Config)(field.UnsafePointer())
	return func(database string) driver.Connector {
		c := config
		c.Database = database
		return patient(c)
	}
}

// patient connects without the time limits of a client, which leave statements
// running on the server.
func patient(c pgdriver.Config) *pgdriver.Connector {
	c.ReadTimeout, c.WriteTimeout, c.ResetSessionFunc = 0, 0, nil
	return pgdriver.NewConnector(pgdriver.WithConfig(&c))
}

// pgxWay knows pgx stdlib, without its import: (*stdlib.Conn).Conn().Config() is
// a struct of exported fields.
func pgxWay(driverConn any) login {
	v := reflect.ValueOf(driverConn)
	if v = call(v, v.IsValid(), "Conn"); !v.IsValid() {
		return nil
	}
	if v = call(v, true, "Config"); !v.IsValid() || v.Kind() != reflect.Pointer || v.IsNil() {
		return nil
	}
	v = v.Elem()
	var c pgdriver.Config
	host, port := text(v, "Host"), v.FieldByName("Port")
	dial := v.FieldByName("DialFunc")
	plainDial := reflect.TypeFor[func(context.Context, string, string) (net.Conn, error)]()
	if host == "" || !port.IsValid() || !port.CanUint() || !dial.IsValid() || !dial.CanConvert(plainDial) || dial.IsNil() {
		return nil
	}
	c.Network, c.Addr = Host{Name: host, Address: host, Port: int(port.Uint())}.network()
	c.User, c.Password, c.AppName = text(v, "User"), text(v, "Password"), defaultApplication
	c.Dialer = dial.Convert(plainDial).Interface().(func(context.Context, string, string) (net.Conn, error))
	c.BufferSize = 4096
	if f := v.FieldByName("TLSConfig"); f.IsValid() && f.CanInterface() {
		// Whether it was used says the connection: sslmode=prefer may do without.
		if _, encrypted := NetConn(driverConn).(*tls.Conn); encrypted {
			c.TLSConfig, _ = f.Interface().(*tls.Config)
		}
	}
	return func(database string) driver.Connector {
		c := c
		c.Database = database
		return patient(c)
	}
}

// text is a field that holds text, empty where there is none.
func text(v reflect.Value, field string) string {
	if f := v.FieldByName(field); f.IsValid() && f.Kind() == reflect.String {
		return f.String()
	}
	return ""
}
