package clickhouse

import (
	"crypto/tls"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Server is a ClickHouse that is queried, and as whom.
type Server struct {
	// Addr is host:port of its native protocol, or several with commas between.
	Addr           string
	Database       string
	User, Password string
	TLS            bool
}

// Open opens a pool of connections to it; none is made before the first query. An address that is
// none is an error.
func (s Server) Open() (driver.Conn, error) {
	addrs, err := Addresses(s.Addr)
	if err != nil {
		return nil, fmt.Errorf("opening ClickHouse: %w", err)
	}
	options := &clickhouse.Options{
		Addr: addrs, Auth: clickhouse.Auth{Database: s.Database, Username: s.User, Password: s.Password},
		DialTimeout: 10 * time.Second, ReadTimeout: 5 * time.Minute,
	}
	if s.TLS {
		options.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	conn, err := clickhouse.Open(options)
	if err != nil {
		return nil, fmt.Errorf("opening ClickHouse: %w", err)
	}
	return conn, nil
}
