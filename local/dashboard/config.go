package dashboard

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// The Worker's compatibility with workerd's versions, as worker/wrangler.jsonc has it.
const (
	compatibilityDate  = "2026-11-01"
	compatibilityFlags = `"enable_request_signal"`
)

// passwordEnv holds ClickHouse's password in workerd's environment, so that it is in no file.
const passwordEnv = "CLICKHOUSE_PASSWORD"

// configuration is workerd's: the Worker, and the network of this machine alone. The socket is inherited.
const configuration = `# Written by polo up at each start.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    (name = "network", network = (allow = ["local"])),
  ],
  sockets = [(name = "http", http = (), service = "worker")],
);

const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed %s)],
  compatibilityDate = "` + compatibilityDate + `",
  compatibilityFlags = [` + compatibilityFlags + `],
  globalOutbound = "network",
  bindings = [
    (name = "CLICKHOUSE_URL", text = %s),
    (name = "CLICKHOUSE_USER", text = %s),
    (name = "CLICKHOUSE_PASSWORD", fromEnvironment = "` + passwordEnv + `"),
    (name = "ACCESS_TEAM", text = %s),
    (name = "ACCESS_AUD", text = %s),
  ],
);
`

// writeConfig writes workerd's configuration into dir and returns its path.
func writeConfig(dir string, b Build, o Options, i *issuer) (string, error) {
	path := filepath.Join(dir, "workerd.capnp")
	text := fmt.Sprintf(configuration, capnp(b.script()), capnp("http://"+o.ClickHouse), capnp(o.User.Name), capnp(i.url), capnp(i.audience))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return "", fmt.Errorf("writing workerd's configuration: %w", err)
	}
	return path, nil
}

// capnp returns s as a string in Cap'n Proto's language.
func capnp(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
