package schema

import (
	"fmt"
	"strings"
)

// Kind is the kind of ClickHouse that the migrations are rendered for.
type Kind string

// The kinds.
const (
	// Single is one server.
	Single Kind = "single"
	// Cloud is ClickHouse Cloud, which replicates by itself.
	Cloud Kind = "cloud"
	// Cluster is a sharded, replicated cluster. Its servers define the macros {cluster}, {shard}
	// and {replica}.
	Cluster Kind = "cluster"
)

// ParseKind parses a Kind.
func ParseKind(s string) (Kind, error) {
	k := Kind(s)
	switch k {
	case Single, Cloud, Cluster:
		return k, nil
	}
	return "", fmt.Errorf("unknown kind of ClickHouse %q: want %s, %s or %s", s, Single, Cloud, Cluster)
}

// Target is the ClickHouse that the migrations are rendered for.
type Target struct {
	Kind Kind
	// DictionaryUser and DictionaryPassword are the account that the server itself reads its
	// dictionaries' sources with; it needs SELECT on polo.*. An empty user means the server's
	// default account.
	DictionaryUser, DictionaryPassword string
}

// The functions below are called by the migrations' templates.

// onCluster returns the clause that follows the name in every DDL statement.
func (t Target) onCluster() string {
	if t.Kind == Cluster {
		return " ON CLUSTER '{cluster}'"
	}
	return ""
}

// localSuffix ends the name of a table that holds the rows of one shard.
const localSuffix = "_local"

// local returns the name of the table that holds the rows of one shard.
func (t Target) local(table string) string {
	if t.Kind == Cluster {
		return "polo." + table + localSuffix
	}
	return "polo." + table
}

// parts returns the names of the table that holds the rows of one shard and, if there are shards,
// of the Distributed table over all of them. Some statements apply to both.
func (t Target) parts(table string) []string {
	if t.Kind == Cluster {
		return []string{t.local(table), "polo." + table}
	}
	return []string{t.local(table)}
}

// engine returns the engine of a table with a part in each shard. Its path in Keeper is explicit: a
// path from the table's UUID would differ between two runs of a statement that was interrupted
// before it had run on every server.
func (t Target) engine(table, version string) string {
	if t.Kind == Cluster {
		return fmt.Sprintf("ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/polo/%s', '{replica}', %s)", table, version)
	}
	return "ReplacingMergeTree(" + version + ")"
}

// globalEngine returns the engine of a table that every shard holds whole.
func (t Target) globalEngine(table, version string) string {
	if t.Kind == Cluster {
		return fmt.Sprintf("ReplicatedReplacingMergeTree('/clickhouse/tables/all/polo/%s', '{shard}-{replica}', %s)", table, version)
	}
	return "ReplacingMergeTree(" + version + ")"
}

// plainEngine returns the engine of a table with a part in each shard that keeps every row.
func (t Target) plainEngine(table string) string {
	if t.Kind == Cluster {
		return fmt.Sprintf("ReplicatedMergeTree('/clickhouse/tables/{shard}/polo/%s', '{replica}')", table)
	}
	return "MergeTree()"
}

// settings returns a table's settings, with two more on a single server. One lets ClickHouse
// recognise a retried insert, as replicated tables do by default. The other stores parts up to 256
// MiB in few files, because a hundred files per insert cost more than their content.
func (t Target) settings(own ...string) string {
	if t.Kind == Single {
		own = append(own, "non_replicated_deduplication_window = 10000", "min_bytes_for_wide_part = 268435456")
	}
	if len(own) == 0 {
		return ""
	}
	return "\nSETTINGS " + strings.Join(own, ", ")
}

// distributed returns the statement that creates the Distributed table over all shards, if there
// are shards.
func (t Target) distributed(table, key string) string {
	if t.Kind != Cluster {
		return ""
	}
	return fmt.Sprintf("CREATE TABLE IF NOT EXISTS polo.%[1]s ON CLUSTER '{cluster}' AS polo.%[1]s_local\n"+
		"ENGINE = Distributed('{cluster}', 'polo', '%[1]s_local', %[2]s);", table, key)
}

// dictionaryUser returns the beginning of a dictionary's source.
func (t Target) dictionaryUser() string {
	if t.DictionaryUser == "" {
		return ""
	}
	return "USER " + quote(t.DictionaryUser) + " PASSWORD " + quote(t.DictionaryPassword) + " "
}

// quote returns a string literal.
func quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}
