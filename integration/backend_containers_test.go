package integration_test

import (
	"cmp"
	"crypto/rand"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"

	"polo/internal/queue/sqs"
	"polo/local/chdb"
	"polo/local/stack"
)

// The official images. POLO_TEST_CLICKHOUSE_IMAGE and POLO_TEST_SQS_IMAGE name others,
// such as those that images/build.sh builds where none can be pulled.
const (
	clickhouseImage = "clickhouse/clickhouse-server:26.3"
	sqsImage        = "softwaremill/elasticmq-native:1.6.15"
)

// startTimeout bounds the start of a container, without pulling its image.
const startTimeout = time.Minute

// containers is a backend of two containers.
func containers(t *testing.T) *backend {
	t.Helper()
	b := &backend{users: chdb.Users{
		Migrator: chdb.User{Name: "suite_migrator", Password: rand.Text()},
		Writer:   chdb.User{Name: "suite_writer", Password: rand.Text()},
		Reader:   chdb.User{Name: "suite_reader", Password: rand.Text()},
	}}
	queues := runContainer(t, cmp.Or(os.Getenv("POLO_TEST_SQS_IMAGE"), sqsImage),
		testcontainers.WithExposedPorts("9324/tcp"),
		// Any answer will do: servers differ in what is at the root.
		testcontainers.WithWaitStrategy(wait.ForHTTP("/").WithPort("9324/tcp").WithStartupTimeout(startTimeout).
			WithStatusCodeMatcher(func(int) bool { return true })))
	endpoint, err := queues.PortEndpoint(t.Context(), "9324/tcp", "http")
	if err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	server := runContainer(t, cmp.Or(os.Getenv("POLO_TEST_CLICKHOUSE_IMAGE"), clickhouseImage),
		testcontainers.WithFiles(testcontainers.ContainerFile{
			Reader: strings.NewReader(accountsXML(t, b.users)), ContainerFilePath: "/etc/clickhouse-server/users.d/suite.xml", FileMode: 0o644,
		}),
		testcontainers.WithExposedPorts("9000/tcp", "8123/tcp"),
		// A port that docker chooses would change at a restart.
		testcontainers.WithHostConfigModifier(func(c *container.HostConfig) {
			c.PortBindings = network.PortMap{network.MustParsePort("9000/tcp"): {{HostPort: port}}}
		}),
		testcontainers.WithWaitStrategy(wait.ForHTTP("/ping").WithPort("8123/tcp").WithStartupTimeout(startTimeout)))
	if b.addr, err = server.PortEndpoint(t.Context(), "9000/tcp", ""); err != nil {
		t.Fatal(err)
	}
	b.stopClickHouse = func(t *testing.T) {
		t.Helper()
		grace := 20 * time.Second
		if err := server.Stop(t.Context(), &grace); err != nil {
			t.Fatal(err)
		}
	}
	b.startClickHouse = func(t *testing.T) {
		t.Helper()
		if err := server.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	b.makeDatabase(t)
	b.makeQueues(t, sqs.NewClient(stack.AWSConfig(), endpoint))
	b.migrate(t)
	return b
}

// runContainer starts a container that ends with the test.
func runContainer(t *testing.T, image string, options ...testcontainers.ContainerCustomizer) testcontainers.Container {
	t.Helper()
	started := time.Now()
	c, err := testcontainers.Run(t.Context(), image, options...)
	testcontainers.CleanupContainer(t, c) // also one that started and did not become ready
	if err != nil {
		t.Fatalf("running %s: %v", image, err)
	}
	t.Logf("%s is up after %s", image, time.Since(started).Round(time.Millisecond))
	return c
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err := cmp.Or(err, l.Close()); err != nil {
		t.Fatal(err)
	}
	return port
}

// makeDatabase creates the database with the migrator's account.
func (b *backend) makeDatabase(t *testing.T) {
	t.Helper()
	conn, err := stack.Connect(b.addr, "default", b.users.Migrator)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.Exec(t.Context(), "CREATE DATABASE IF NOT EXISTS "+chdb.Database); err != nil {
		t.Fatal(err)
	}
}
