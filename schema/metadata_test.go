package schema_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/schema"
)

func TestAccounts(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	described := func(account, ts, name, role string) row {
		return event(account, "account.described", "", ts).with("resource_name", name, "account_role", role, "state", "ACTIVE",
			"properties", map[string]string{"email": name + "@example.com"})
	}
	wrong := described("3", day(3, 0), "wrong", "")
	s.insert(t, described("1", day(2, 0), "new", ""), described("1", day(1, 0), "old", "staging"))
	s.insert(t, described("2", day(1, 0), "two", "staging"), wrong)
	s.insert(t, wrong.with("account_id", "2", "resource_name", "right", "observed_at", day(3, 1)))
	s.insert(t, described("4", day(1, 0), "left", "").with("event_type", "account.left"))
	s.must(t, s.Users.Migrator, "INSERT INTO account_metadata (account_id, role) VALUES ('2', 'production')")
	s.must(t, s.Users.Migrator, "INSERT INTO account_metadata (account_id, name) VALUES ('5', 'by hand')")
	s.must(t, s.Users.Migrator, "INSERT INTO account_metadata (account_id, name, platform) VALUES ('5', 'another', 'github')")
	want := []string{
		"1\tnew\tstaging\tnew@example.com\taws\tACTIVE",
		"2\tright\tproduction\twrong@example.com\taws\tACTIVE",
		"5\tanother\t\t\tgithub\t",
		"5\tby hand\t\t\taws\t",
	}
	if diff := cmp.Diff(want, s.lines(t, s.Users.Reader, "SELECT account_id, name, role, email, platform, state FROM accounts ")); diff != "" {
		t.Errorf("accounts (-want +got):\n%s", diff)
	}
	const get = "SELECT dictGet('polo.accounts_dict', ('name', 'role'), ('aws', '2')), dictGetOrDefault('polo.accounts_dict', 'name', ('aws', '3'), 'none')"
	if got, want := s.must(t, s.Users.Reader, get), "('right','production')\tnone"; got != want {
		t.Errorf("accounts_dict: %q, want %q", got, want)
	}
}

func TestCustomers(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	s.must(t, s.Users.Migrator, "INSERT INTO customer_metadata (customer, name, tier, observed_at) VALUES ('c', 'New', 'gold', '2026-01-02')")
	s.must(t, s.Users.Migrator, "INSERT INTO customer_metadata (customer, name, tier, observed_at) VALUES ('c', 'Old', 'free', '2026-01-01')")
	if got, want := s.must(t, s.Users.Reader, "SELECT customer, name, tier FROM customer_metadata"), "c\tNew\tgold"; got != want {
		t.Errorf("customer_metadata: %q, want %q", got, want)
	}
	if got, want := s.must(t, s.Users.Reader, "SELECT dictGet('polo.customers_dict', 'tier', 'c')"), "gold"; got != want {
		t.Errorf("customers_dict: %q, want %q", got, want)
	}
}

// The writer fills every table through the views, and cannot access any of them directly.
func TestGrants(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	s.insert(t, event("1", "resource.snapshot", "x", day(1, 0)), scan("1", day(1, 0)), line("1", "x", day(1, 0), day(2, 0), "1"),
		delivered("2", "d", "x", day(2, 0), "1"), event("1", "account.described", "", day(1, 0)), event("1", "scan.incomplete", "", day(2, 0)),
		event("", "alert.transitioned", "", day(1, 0)), event("", "alert.notified", "", day(1, 1)), event("", "alert.silenced", "", day(1, 2)))
	objects := s.lines(t, s.Users.Migrator, "SELECT name FROM system.tables WHERE database = 'polo' AND name NOT LIKE '%\\_mv' AND name NOT LIKE '.%'")
	for _, name := range objects {
		if a := s.query(t, s.Users.Reader, "SELECT * FROM "+name, ""); a.code != http.StatusOK {
			t.Errorf("the reader cannot read %s: %s", name, a.body)
		} else if a.body == "" && !strings.HasPrefix(name, "customer") && name != "account_metadata" && !strings.HasPrefix(name, "resource_ancestry") && name != "resource_relationships" && name != "cost_scan_days" && name != "cost_periods" && name != "fx_rates" &&
			!strings.HasPrefix(name, "resource_rollups") && name != "resource_minutes" && !strings.HasPrefix(name, "resource_scans_") &&
			!strings.HasPrefix(name, "cost_rollups") && !strings.HasPrefix(name, "cost_states") && !strings.HasPrefix(name, "cost_daily_by_tag") && !strings.HasPrefix(name, "cost_anomalies") && !strings.HasPrefix(name, "rule_") {
			t.Errorf("%s is empty", name)
		}
		if strings.HasSuffix(name, "_dict") {
			continue
		}
		if a := s.query(t, s.Users.Writer, "SELECT * FROM "+name, ""); a.code == http.StatusOK {
			t.Errorf("the writer reads %s", name)
		}
		if a := s.query(t, s.Users.Writer, "INSERT INTO "+name+" SELECT * FROM "+name, ""); a.code == http.StatusOK {
			t.Errorf("the writer inserts into %s", name)
		}
	}
	if len(objects) < 18 {
		t.Errorf("only %d objects: %v", len(objects), objects)
	}
}

// The upgrade keeps what events said of accounts before they had their own table, once, and what
// was set by hand.
func TestAccountsAreMoved(t *testing.T) {
	t.Parallel()
	s := start(t)
	conn := s.connect(t)
	older := superseded(t, 12)
	if _, err := schema.NewFrom(conn, s.target(), older).Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	described := func(account string, n int, name string) row {
		return event(account, "account.described", "", day(n, 0)).with("resource_name", name, "state", "ACTIVE")
	}
	wrong := described("3", 3, "wrong")
	s.insert(t, described("1", 1, "one"), described("2", 2, "two"), wrong)
	s.must(t, s.Users.Migrator, "INSERT INTO account_metadata (account_id, role) VALUES ('2', 'production')")
	s.must(t, s.Users.Migrator, "INSERT INTO account_metadata (account_id, role, source) VALUES ('1', 'staging', 'jo')")
	// A retention has dropped the event itself.
	s.insert(t, described("4", 4, "four"))
	s.must(t, s.Users.Owner, "ALTER TABLE resource_events DELETE WHERE account_id = '4' SETTINGS mutations_sync = 2")
	const read = "SELECT * FROM accounts"
	want := s.lines(t, s.Users.Reader, read)
	if len(want) != 4 {
		t.Fatalf("before: %v", want)
	}
	if _, err := schema.New(conn, s.target()).Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, s.lines(t, s.Users.Reader, read)); diff != "" {
		t.Errorf("accounts (-before +after):\n%s", diff)
	}
	if got := s.lines(t, s.Users.Reader, "SELECT account_id FROM account_metadata"); len(got) != 1 || got[0] != "2" {
		t.Errorf("account_metadata holds %v", got)
	}
	s.insert(t, wrong.with("account_id", "5", "observed_at", day(4, 0)))
	if got := s.lines(t, s.Users.Reader, "SELECT name FROM accounts WHERE account_id IN ('3', '5')"); len(got) != 1 || got[0] != "wrong" {
		t.Errorf("an event restated for another account leaves %v", got)
	}
}
