package clickhouse

import "testing"

// TestQuorumHasNoToken: with a quorum a retried block is written again (TestCluster shows why); without one its token
// deduplicates it.
func TestQuorumHasNoToken(t *testing.T) {
	t.Parallel()
	for quorum, want := range map[string][2]string{"": {"1", "token"}, QuorumAuto: {"0", ""}, "2": {"0", ""}} {
		got := map[string]string{}
		for _, s := range settings("token", quorum) {
			got[s.Key] = s.Value
		}
		if got["insert_deduplicate"] != want[0] || got["insert_deduplication_token"] != want[1] || got["insert_quorum"] != quorum || (got["deduplicate_insert"] == "enable") != (quorum == "") {
			t.Errorf("quorum %q: %v", quorum, got)
		}
	}
}
