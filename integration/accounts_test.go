package integration_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"os"
	"regexp"
	"strings"
	"testing"

	"polo/local/clickhouse"
)

// account is one account of a server's configuration.
type account struct {
	XMLName  xml.Name
	Password string   `xml:"password_sha256_hex"`
	Networks []string `xml:"networks>ip"`
	Profile  string   `xml:"profile"`
	Quota    string   `xml:"quota"`
	Grants   []string `xml:"grants>query"`
}

func newAccount(u clickhouse.User, profile string, grants ...string) account {
	sum := sha256.Sum256([]byte(u.Password))
	return account{
		XMLName: xml.Name{Local: u.Name}, Password: hex.EncodeToString(sum[:]), Networks: []string{"::/0"},
		Profile: profile, Quota: "default", Grants: grants,
	}
}

// readerProfile reads every ReplacingMergeTree as if FINAL were written.
type readerProfile struct {
	ReadOnly int `xml:"readonly"`
	Final    int `xml:"final"`
}

// documentedGrants are what docs/DEPLOY.md grants to a user.
func documentedGrants(t *testing.T, user string) []string {
	t.Helper()
	doc, err := os.ReadFile("../docs/DEPLOY.md")
	if err != nil {
		t.Fatal(err)
	}
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

// accountsXML is the migrator, the writer and the reader, each with what docs/DEPLOY.md
// grants it, as a file of a ClickHouse server's users.d. Files work where SQL
// does not: an engine may have nowhere to keep accounts that are made later.
func accountsXML(t *testing.T, u clickhouse.Users) string {
	t.Helper()
	const profile = "suite_reader"
	text, err := xml.MarshalIndent(struct {
		XMLName  xml.Name      `xml:"clickhouse"`
		Reader   readerProfile `xml:"profiles>suite_reader"`
		Accounts []account     `xml:"users>account"`
	}{
		Reader: readerProfile{ReadOnly: 1, Final: 1},
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
