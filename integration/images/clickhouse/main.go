// Command clickhouse is the entry point of a ClickHouse image made of the
// embedded engine. It listens on the ports of the official image and takes its
// administrator from the same environment.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"syscall"

	"polo/local/clickhouse"
)

// As in the official image.
const (
	tcpPort  = 9000
	httpPort = 8123
	dataDir  = "/var/lib/clickhouse"
)

func main() {
	clickhouse.RunChild()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "clickhouse:", err)
		os.Exit(1)
	}
}

func run() error {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	admin, err := administrator()
	if err != nil {
		return err
	}
	engine, err := clickhouse.Start(ctx, clickhouse.Options{
		Dir: dataDir, Host: "0.0.0.0", TCPPort: tcpPort, HTTPPort: httpPort, Admin: admin,
	})
	if err != nil {
		return err
	}
	fmt.Println("Ready for connections.")
	select {
	case <-engine.Exited():
		return engine.Err()
	case <-ctx.Done():
		return engine.Stop()
	}
}

// name is what an account's name may be: it becomes the name of an XML element.
var name = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func administrator() (clickhouse.User, error) {
	admin := clickhouse.User{Name: os.Getenv("CLICKHOUSE_USER"), Password: os.Getenv("CLICKHOUSE_PASSWORD")}
	if !name.MatchString(admin.Name) || admin.Password == "" {
		return clickhouse.User{}, errors.New("CLICKHOUSE_USER must be a plain name, and CLICKHOUSE_PASSWORD not empty")
	}
	if os.Getenv("CLICKHOUSE_DEFAULT_ACCESS_MANAGEMENT") != "1" {
		return clickhouse.User{}, errors.New("CLICKHOUSE_DEFAULT_ACCESS_MANAGEMENT must be 1: this image knows no lesser user")
	}
	return admin, nil
}
