// Command clickhouse is the entry point of a ClickHouse image with the embedded engine.
// It uses the official image's ports and data directory and, by a link in the image,
// also reads accounts from /etc/clickhouse-server/users.d.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"polo/local/chdb"
)

// As in the official image.
const (
	tcpPort  = 9000
	httpPort = 8123
	dataDir  = "/var/lib/clickhouse"
)

func main() {
	chdb.RunChild()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "clickhouse:", err)
		os.Exit(1)
	}
}

func run() error {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	engine, err := chdb.Start(ctx, chdb.Options{
		Dir: dataDir, Host: "0.0.0.0", MoreUsers: true, TCPPort: tcpPort, HTTPPort: httpPort,
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
