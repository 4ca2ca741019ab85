package schema

import (
	"fmt"
	"strings"
)

// Kind is the sort of ClickHouse that the migrations are rendered for.
type Kind string

// The kinds.
const (
	// Single is one server.
	Single Kind = "single"
	// Cloud is ClickHouse Cloud, which replicates by itself.
	Cloud Kind = "cloud"
	// Cluster is a sharded, replicated cluster: its servers define the macros
	// {cluster}, {shard} and {replica}.
	Cluster Kind = "cluster"
)

// ParseKind reads a Kind.
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
	// DictionaryUser and DictionaryPassword are the account by which the server
	// itself reads what its dictionaries hold; it needs SELECT on polo.*. An
	// empty user is the server's default account.
	DictionaryUser, DictionaryPassword string
}

// The functions below are those of the migrations' template language.

// onCluster follows the name in every DDL statement.
func (t Target) onCluster() string {
	if t.Kind == Cluster {
		return " ON CLUSTER '{cluster}'"
	}
	return ""
}

// localSuffix ends the name of a table that holds the rows of one shard.
const localSuffix = "_local"

// local names the table that holds the rows of one shard.
func (t Target) local(table string) string {
	if t.Kind == Cluster {
		return "polo." + table + localSuffix
	}
	return "polo." + table
}

// parts names the table that holds the rows of one shard and, where there are
// shards, the one over all of them: what both are to be told.
func (t Target) parts(table string) []string {
	if t.Kind == Cluster {
		return []string{t.local(table), "polo." + table}
	}
	return []string{t.local(table)}
}

// engine is that of a table of which each shard holds a part. Its path in
// Keeper is spelt out: one made of the table's UUID would differ between two
// runs of a statement that was broken off half-way through the cluster.
func (t Target) engine(table, version string) string {
	if t.Kind == Cluster {
		return fmt.Sprintf("ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/polo/%s', '{replica}', %s)", table, version)
	}
	return "ReplacingMergeTree(" + version + ")"
}

// globalEngine is that of a table of which each shard holds all.
func (t Target) globalEngine(table, version string) string {
	if t.Kind == Cluster {
		return fmt.Sprintf("ReplicatedReplacingMergeTree('/clickhouse/tables/all/polo/%s', '{shard}-{replica}', %s)", table, version)
	}
	return "ReplacingMergeTree(" + version + ")"
}

// settings are a table's own, and on a single server two more: the one that lets
// a retried insert be recognised, which replicated tables do by themselves; and
// parts in few files up to 256 MiB, because there a hundred files for each insert
// cost more than what is in them.
func (t Target) settings(own ...string) string {
	if t.Kind == Single {
		own = append(own, "non_replicated_deduplication_window = 10000", "min_bytes_for_wide_part = 268435456")
	}
	if len(own) == 0 {
		return ""
	}
	return "\nSETTINGS " + strings.Join(own, ", ")
}

// distributed is the statement that makes the table over the parts of all
// shards, where there are shards.
func (t Target) distributed(table, key string) string {
	if t.Kind != Cluster {
		return ""
	}
	return fmt.Sprintf("CREATE TABLE IF NOT EXISTS polo.%[1]s ON CLUSTER '{cluster}' AS polo.%[1]s_local\n"+
		"ENGINE = Distributed('{cluster}', 'polo', '%[1]s_local', %[2]s);", table, key)
}

// dictionaryUser begins the source of a dictionary.
func (t Target) dictionaryUser() string {
	if t.DictionaryUser == "" {
		return ""
	}
	return "USER " + quote(t.DictionaryUser) + " PASSWORD " + quote(t.DictionaryPassword) + " "
}

// quote makes a string literal.
func quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}
