// Command sqs is the entry point of an image of the embedded SQS. It listens on
// ElasticMQ's port and keeps its messages in /data.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"polo/local/sqsserver"
)

const (
	addr    = "0.0.0.0:9324"
	dataDir = "/data"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "sqs:", err)
		os.Exit(1)
	}
}

func run() (err error) {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	server, err := sqsserver.New(sqsserver.Options{Dir: dataDir, Logger: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	if err != nil {
		return fmt.Errorf("opening the queues: %w", err)
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("opening the port: %w", err)
	}
	web := &http.Server{Handler: server, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(l) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
		return web.Close()
	}
}
