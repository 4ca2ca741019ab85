package cluster_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/testcontainers/testcontainers-go"
	dockernetwork "github.com/testcontainers/testcontainers-go/network"
	"github.com/testcontainers/testcontainers-go/wait"

	"polo/local/chdb"
)

// The official images.
const (
	serverImage = "clickhouse/clickhouse-server:26.3"
	keeperImage = "clickhouse/clickhouse-keeper:26.3"
)

// startTimeout bounds the start of a container, without pulling its image.
const startTimeout = time.Minute

// TestClusterInContainers runs on the official images. If POLO_CLUSTER_CONTAINERS is set
// and there is no docker, it fails.
func TestClusterInContainers(t *testing.T) {
	if os.Getenv("POLO_CLUSTER_CONTAINERS") == "" {
		t.Skip("POLO_CLUSTER_CONTAINERS is not set: no cluster runs in containers (`make cluster-containers` does)")
	}
	suite(t, containers(t))
}

// containers starts a cluster of four servers and a Keeper.
func containers(t *testing.T) *servers {
	t.Helper()
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	between, err := dockernetwork.New(t.Context())
	must(t, err)
	testcontainers.CleanupNetwork(t, between)
	run := func(image, name string, options ...testcontainers.ContainerCustomizer) testcontainers.Container {
		c, err := testcontainers.Run(t.Context(), image, append(options, dockernetwork.WithNetwork([]string{name}, between))...)
		testcontainers.CleanupContainer(t, c)
		if err != nil {
			t.Fatalf("running %s: %v", image, err)
		}
		return c
	}
	keeper := run(keeperImage, "keeper", testcontainers.WithExposedPorts("9181/tcp"),
		testcontainers.WithWaitStrategy(wait.ForListeningPort("9181/tcp").WithStartupTimeout(startTimeout)))

	user := func(name string) chdb.User { return chdb.User{Name: name, Password: "pw_" + name} }
	s := &servers{
		users: chdb.Users{Migrator: user("polo_migrator"), Writer: user("polo_writer"), Reader: user("polo_reader")},
		admin: user("suite_admin"),
	}
	dir := t.TempDir()
	var nodes [5]testcontainers.Container
	config := func(n int) string { return filepath.Join(dir, fmt.Sprintf("polo%d.xml", n)) }
	disk := func(n int) string { return filepath.Join(dir, fmt.Sprintf("disk%d", n)) }
	accountsFile := filepath.Join(dir, "users.xml")
	must(t, os.WriteFile(accountsFile, []byte(accountsXML(s)), 0o644))
	must(t, os.Chmod(dir, 0o755)) // the servers run as another user
	for n := 1; n < len(nodes); n++ {
		must(t, os.WriteFile(config(n), []byte(serverXML(n)), 0o644))
		must(t, os.MkdirAll(disk(n), 0o777))
		// Ports that docker chooses would change at a restart.
		native, web := freePort(t), freePort(t)
		s.names[n], s.addrs[n] = fmt.Sprintf("n%d:9000", n), "127.0.0.1:"+native
		nodes[n] = run(serverImage, fmt.Sprint("n", n), testcontainers.WithExposedPorts("9000/tcp", "8123/tcp"),
			testcontainers.WithHostConfigModifier(func(c *container.HostConfig) {
				c.PortBindings = network.PortMap{network.MustParsePort("9000/tcp"): {{HostPort: native}}, network.MustParsePort("8123/tcp"): {{HostPort: web}}}
				c.Binds = []string{
					disk(n) + ":/var/lib/clickhouse", config(n) + ":/etc/clickhouse-server/config.d/polo.xml",
					accountsFile + ":/etc/clickhouse-server/users.d/polo.xml",
				}
			}),
			testcontainers.WithWaitStrategy(wait.ForHTTP("/ping").WithPort("8123/tcp").WithStartupTimeout(startTimeout)))
	}
	kill := func(t *testing.T, c testcontainers.Container) {
		t.Helper()
		var none time.Duration // of grace
		must(t, c.Stop(t.Context(), &none))
	}
	s.kill = func(t *testing.T, n int) { t.Helper(); kill(t, nodes[n]) }
	s.start = func(t *testing.T, n int) { t.Helper(); must(t, nodes[n].Start(t.Context())) }
	s.wipe = func(t *testing.T, n int) { t.Helper(); must(t, os.RemoveAll(disk(n))) }
	s.replaceConfig = func(t *testing.T, n int, was, is string) { t.Helper(); replace(t, config(n), was, is) }
	s.killKeeper = func(t *testing.T) { t.Helper(); kill(t, keeper) }
	s.startKeeper = func(t *testing.T) { t.Helper(); must(t, keeper.Start(t.Context())) }
	return s
}

// serverXML returns the configuration of one server, as in docs/DEPLOY.md.
func serverXML(n int) string {
	var shards strings.Builder
	for first := 1; first < 5; first += 2 {
		fmt.Fprintf(&shards, "<shard><internal_replication>true</internal_replication>"+
			"<replica><host>n%d</host><port>9000</port></replica><replica><host>n%d</host><port>9000</port></replica></shard>", first, first+1)
	}
	return fmt.Sprintf(`<clickhouse>
  <interserver_http_host>n%d</interserver_http_host>
  <macros><cluster>polo</cluster><shard>%d</shard><replica>r%d</replica></macros>
  <remote_servers replace="1"><polo><secret>suite</secret>%s</polo></remote_servers>
  <zookeeper><node><host>keeper</host><port>9181</port></node><session_timeout_ms>6000</session_timeout_ms></zookeeper>
  <distributed_ddl><path>/clickhouse/task_queue/ddl</path></distributed_ddl>
</clickhouse>`, n, (n+1)/2, 2-n%2, shards.String())
}

// accountsXML returns docs/DEPLOY.md's accounts, and an administrator.
func accountsXML(s *servers) string {
	account := func(u chdb.User, profile string, grants ...string) string {
		var text strings.Builder
		for _, g := range grants {
			text.WriteString("<query>GRANT " + g + "</query>")
		}
		if grants != nil {
			return fmt.Sprintf("<%[1]s><password>%[2]s</password><networks><ip>::/0</ip></networks><profile>%[3]s</profile><quota>default</quota><grants>%[4]s</grants></%[1]s>",
				u.Name, u.Password, profile, text.String())
		}
		return fmt.Sprintf("<%[1]s><password>%[2]s</password><networks><ip>::/0</ip></networks><profile>%[3]s</profile><quota>default</quota></%[1]s>", u.Name, u.Password, profile)
	}
	return "<clickhouse><profiles><polo_reader><readonly>1</readonly><final>1</final><distributed_product_mode>global</distributed_product_mode></polo_reader></profiles><users>" +
		account(s.users.Migrator, "default",
			"CREATE DATABASE, CREATE TABLE, CREATE VIEW, CREATE DICTIONARY, ALTER, DROP TABLE, DROP VIEW, DROP DICTIONARY, TRUNCATE, OPTIMIZE, INSERT, SELECT, dictGet, SYSTEM VIEWS, SHOW ON polo.*",
			"SELECT ON system.*", "SYSTEM RELOAD DICTIONARY ON *.*", "TABLE ENGINE ON *", "SET DEFINER ON *", "CLUSTER ON *.*") +
		account(s.users.Writer, "default", "INSERT ON polo.resource_events", "INSERT ON polo.resource_events_local") +
		account(s.users.Reader, "polo_reader", "SELECT, dictGet, SHOW ON polo.*") +
		account(s.admin, "default") + "</users></clickhouse>"
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err := errors.Join(err, l.Close()); err != nil {
		t.Fatal(err)
	}
	return port
}
