package integration_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"os"
	"regexp"
	"strings"
	"testing"

	"polo/local/chdb"
)

// account is an account in a server's configuration.
type account struct {
	XMLName  xml.Name
	Password string   `xml:"password_sha256_hex"`
	Networks []string `xml:"networks>ip"`
	Profile  string   `xml:"profile"`
	Quota    string   `xml:"quota"`
	Grants   []string `xml:"grants>query"`
}

func newAccount(u chdb.User, profile string, grants ...string) account {
	sum := sha256.Sum256([]byte(u.Password))
	return account{
		XMLName: xml.Name{Local: u.Name}, Password: hex.EncodeToString(sum[:]), Networks: []string{"::/0"},
		Profile: profile, Quota: "default", Grants: grants,
	}
}

// setting is a setting of a profile.
type setting struct {
	XMLName xml.Name
	Value   string `xml:",chardata"`
}

// deployDoc returns docs/DEPLOY.md.
func deployDoc(t *testing.T) []byte {
	t.Helper()
	doc, err := os.ReadFile("../docs/DEPLOY.md")
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// documentedReader returns the reader's profile from docs/DEPLOY.md.
func documentedReader(t *testing.T) []setting {
	t.Helper()
	doc := deployDoc(t)
	m := regexp.MustCompile(`CREATE SETTINGS PROFILE polo_reader SETTINGS ([^;]+);`).FindSubmatch(doc)
	if m == nil {
		t.Fatal("docs/DEPLOY.md has no profile of the reader")
	}
	var out []setting
	for _, s := range strings.Split(string(m[1]), ",") {
		name, value, _ := strings.Cut(s, "=")
		out = append(out, setting{XMLName: xml.Name{Local: strings.TrimSpace(name)}, Value: strings.TrimSpace(value)})
	}
	return out
}

// TestReaderIsDocumented: the reader of docs/DEPLOY.md can only read, within limits, and sees nothing of the server.
func TestReaderIsDocumented(t *testing.T) {
	t.Parallel()
	if got := documentedGrants(t, "polo_reader"); len(got) != 1 || got[0] != "GRANT SELECT, dictGet, SHOW ON polo.*" {
		t.Errorf("%q", got)
	}
	profile := map[string]string{}
	for _, s := range documentedReader(t) {
		profile[s.XMLName.Local] = s.Value
	}
	if profile["readonly"] != "1" || profile["final"] != "1" {
		t.Errorf("%v", profile)
	}
	for _, limit := range []string{"max_execution_time", "max_memory_usage", "max_rows_to_read", "max_result_rows"} {
		if profile[limit] == "" || profile[limit] == "0" {
			t.Errorf("no %s: %v", limit, profile)
		}
	}
}

// documentedGrants returns what docs/DEPLOY.md grants to a user.
func documentedGrants(t *testing.T, user string) []string {
	t.Helper()
	doc := deployDoc(t)
	var out []string
	for _, m := range regexp.MustCompile(`(?m)^ *(GRANT [^;]+) TO (\w+);$`).FindAllSubmatch(doc, -1) {
		if string(m[2]) == user {
			out = append(out, strings.Join(strings.Fields(string(m[1])), " "))
		}
	}
	if out == nil {
		t.Fatalf("docs/DEPLOY.md grants nothing to %s", user)
	}
	return out
}

// accountsXML returns the migrator, the writer and the reader, each with the grants of docs/DEPLOY.md, as a file of a
// ClickHouse server's users.d. A file works where SQL does not: the embedded engine has nowhere to store accounts
// created later.
func accountsXML(t *testing.T, u chdb.Users) string {
	t.Helper()
	const profile = "suite_reader"
	text, err := xml.MarshalIndent(struct {
		XMLName  xml.Name  `xml:"clickhouse"`
		Reader   []setting `xml:"profiles>suite_reader>setting"`
		Accounts []account `xml:"users>account"`
	}{
		Reader: documentedReader(t),
		Accounts: []account{
			newAccount(u.Migrator, "default", documentedGrants(t, "polo_migrator")...),
			newAccount(u.Writer, "default", documentedGrants(t, "polo_writer")...),
			newAccount(u.Reader, profile, documentedGrants(t, "polo_reader")...),
		},
	}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
