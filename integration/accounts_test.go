package integration_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"

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

// accountsXML is the migrator, the writer and the reader, each with what it needs
// and no more, as a file of a ClickHouse server's users.d. Files work where SQL
// does not: an engine may have nowhere to keep accounts that are made later.
func accountsXML(u clickhouse.Users) (string, error) {
	const profile = "suite_reader"
	text, err := xml.MarshalIndent(struct {
		XMLName  xml.Name      `xml:"clickhouse"`
		Reader   readerProfile `xml:"profiles>suite_reader"`
		Accounts []account     `xml:"users>account"`
	}{
		Reader: readerProfile{ReadOnly: 1, Final: 1},
		Accounts: []account{
			newAccount(u.Migrator, "default",
				"GRANT CREATE DATABASE, CREATE TABLE, CREATE VIEW, CREATE DICTIONARY, ALTER, DROP TABLE, DROP VIEW, DROP DICTIONARY, "+
					"TRUNCATE, OPTIMIZE, INSERT, SELECT, dictGet, SYSTEM VIEWS, SHOW ON polo.*",
				"GRANT SELECT ON system.*", "GRANT SYSTEM RELOAD DICTIONARY ON *.*", "GRANT TABLE ENGINE ON *", "GRANT SET DEFINER ON *"),
			newAccount(u.Writer, "default", "GRANT INSERT ON polo.resource_events"),
			newAccount(u.Reader, profile, "GRANT SELECT, dictGet, SHOW ON polo.*", "GRANT SELECT ON system.*"),
		},
	}, "", "  ")
	return string(text), err
}
