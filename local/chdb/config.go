package chdb

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Database holds every table of Polo.
const Database = "polo"

// User is one account of the engine.
type User struct {
	Name     string `json:"name"`
	Password string `json:"password"`
}

// Users are the engine's accounts, each with only the rights it needs.
type Users struct {
	// Owner may do anything except end the engine or close its ports.
	Owner User `json:"owner"`
	// Migrator creates and changes tables, and reads what its views read.
	Migrator User `json:"migrator"`
	// Writer inserts into resource_events and may do nothing else.
	Writer User `json:"writer"`
	// Reader selects within its profile's limits, and reads every ReplacingMergeTree as
	// if the query said FINAL.
	Reader User `json:"reader"`
	// API selects from Polo's tables for the dashboard's Worker, within tighter limits
	// than Reader's, and sees no system table.
	API User `json:"api"`
}

// all returns every account.
func (u Users) all() []User { return []User{u.Owner, u.Migrator, u.Writer, u.Reader, u.API} }

// newAPI returns the account API with a random password.
func newAPI() User { return User{Name: "polo_api", Password: rand.Text()} }

// loadUsers reads the data directory's accounts, or creates them with random passwords.
// Only the owner may read the file.
func loadUsers(dir string) (Users, error) {
	path := filepath.Join(dir, "users.json")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		users := Users{
			Owner:    User{Name: "polo_owner", Password: rand.Text()},
			Migrator: User{Name: "polo_migrator", Password: rand.Text()},
			Writer:   User{Name: "polo_writer", Password: rand.Text()},
			Reader:   User{Name: "polo_reader", Password: rand.Text()},
			API:      newAPI(),
		}
		return users, saveUsers(path, users)
	}
	if err != nil {
		return Users{}, fmt.Errorf("reading the engine's users: %w", err)
	}
	var users Users
	err = json.Unmarshal(text, &users)
	added := users.API == User{}
	if added { // the file is older than the account
		users.API = newAPI()
	}
	for _, u := range users.all() {
		if err == nil && (u.Name == "" || u.Password == "") { //mutant:accounts-without-passwords
			err = errors.New("an account without a name or password")
		}
	}
	if err != nil {
		return Users{}, fmt.Errorf("the accounts' file %s cannot be used: %w; move it away (mv %[1]s %[1]s.damaged) and start again: accounts are recreated, "+
			"no data are lost, and programs that were given a password need the new one", path, err)
	}
	if added {
		return users, saveUsers(path, users)
	}
	return users, nil
}

func saveUsers(path string, users Users) error {
	text, err := json.MarshalIndent(users, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the engine's users: %w", err)
	}
	if err := writeAtomically(path, text); err != nil {
		return fmt.Errorf("writing the engine's users: %w", err)
	}
	return nil
}

// writeAtomically leaves either the old file or the whole new one.
func writeAtomically(path string, text []byte) error {
	tmp := path + ".new"
	if err := os.WriteFile(tmp, text, 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}

// writeConfig writes the server's configuration and its users beside the data.
func writeConfig(dir string, users Users, keeper User, o Options) (path string, err error) {
	if err := writeUsers(dir, users, keeper, o); err != nil {
		return "", err
	}
	path = filepath.Join(dir, "config.xml")
	text := fmt.Sprintf(configXML, filepath.Join(dir, "users.xml"), o.Memory)
	if err := writeAtomically(path, []byte(text)); err != nil {
		return "", fmt.Errorf("writing the engine's configuration: %w", err)
	}
	return path, nil
}

// writeUsers writes users.xml.
func writeUsers(dir string, users Users, keeper User, o Options) error {
	if err := writeAtomically(filepath.Join(dir, "users.xml"), []byte(usersXML(users, keeper, o))); err != nil {
		return fmt.Errorf("writing the engine's users: %w", err)
	}
	return nil
}

const configXML = `<clickhouse>
  <user_directories><users_xml><path>%s</path></users_xml></user_directories>
  <max_server_memory_usage>%d</max_server_memory_usage>
  <mark_cache_size>67108864</mark_cache_size>
  <uncompressed_cache_size>0</uncompressed_cache_size>
  <access_control_improvements>
    <users_without_row_policies_can_read_rows>true</users_without_row_policies_can_read_rows>
    <on_cluster_queries_require_cluster_grant>false</on_cluster_queries_require_cluster_grant>
    <select_from_system_db_requires_grant>true</select_from_system_db_requires_grant>
    <select_from_information_schema_requires_grant>true</select_from_information_schema_requires_grant>
  </access_control_improvements>
</clickhouse>
`

// usersXML returns the accounts. The engine's start-up query runs as the account
// default, which cannot have a password. So that account may only create the database
// and open the ports, sees no table, and has one session, which that query holds. No
// account that the doors accept can end the engine or close its ports.
func usersXML(u Users, keeper User, o Options) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<clickhouse>
  <profiles>
    <default/>
    <polo_start><max_sessions_for_user>1</max_sessions_for_user></polo_start><!--mutant:default-has-sessions-->
    <polo_writer/>
    <polo_reader>
      <readonly>1</readonly>
      <final>1</final>
      <do_not_merge_across_partitions_select_final>1</do_not_merge_across_partitions_select_final>
      <max_execution_time>60</max_execution_time>
      <max_memory_usage>%d</max_memory_usage>
      <max_bytes_before_external_group_by>%d</max_bytes_before_external_group_by>
      <max_rows_to_read>2000000000</max_rows_to_read>
      <max_result_rows>5000000</max_result_rows>
      <read_overflow_mode>throw</read_overflow_mode>
      <result_overflow_mode>throw</result_overflow_mode>
      <timeout_overflow_mode>throw</timeout_overflow_mode>
      <http_wait_end_of_query>1</http_wait_end_of_query>
      <output_format_json_quote_64bit_integers>1</output_format_json_quote_64bit_integers>
      <output_format_json_quote_decimals>1</output_format_json_quote_decimals>
    </polo_reader>
    <polo_api><!-- bounds what one page, or a program with a key, takes from the others -->
      <readonly>1</readonly>
      <final>1</final>
      <do_not_merge_across_partitions_select_final>1</do_not_merge_across_partitions_select_final>
      <max_execution_time>20</max_execution_time>
      <max_memory_usage>%d</max_memory_usage>
      <max_bytes_before_external_group_by>%d</max_bytes_before_external_group_by>
      <max_rows_to_read>2000000000</max_rows_to_read>
      <max_result_rows>100000</max_result_rows>
      <read_overflow_mode>throw</read_overflow_mode>
      <result_overflow_mode>throw</result_overflow_mode>
      <timeout_overflow_mode>throw</timeout_overflow_mode>
      <max_concurrent_queries_for_user>32</max_concurrent_queries_for_user>
      <replace_running_query>1</replace_running_query>
      <cancel_http_readonly_queries_on_client_close>1</cancel_http_readonly_queries_on_client_close>
      <http_wait_end_of_query>0</http_wait_end_of_query>
      <output_format_json_quote_64bit_integers>1</output_format_json_quote_64bit_integers>
      <output_format_json_quote_decimals>1</output_format_json_quote_decimals>
    </polo_api>
  </profiles>
  <quotas><default/></quotas>
  <users>
    <default>
      <no_password/>
      <networks><ip>127.0.0.1</ip></networks>
      <profile>polo_start</profile>
      <quota>default</quota>
      <grants>
        <query>GRANT CREATE DATABASE ON polo.*</query>
        <query>GRANT SYSTEM LISTEN ON *.*</query>
        <query>GRANT SELECT ON system.numbers</query>
      </grants>
    </default>
`, o.Memory/2, o.Memory/4, o.Memory/4, o.Memory/8)
	account := func(user User, profile string, grants ...string) {
		fmt.Fprintf(&b, "    <%s>\n      <password_sha256_hex>%s</password_sha256_hex>\n", user.Name, hashOf(user.Password))
		fmt.Fprintf(&b, "      <networks><ip>127.0.0.1</ip></networks>\n      <profile>%s</profile>\n      <quota>default</quota>\n      <grants>\n", profile)
		for _, g := range grants {
			fmt.Fprintf(&b, "        <query>%s</query>\n", g)
		}
		fmt.Fprintf(&b, "      </grants>\n    </%s>\n", user.Name)
	}
	account(keeper, "polo_writer", "GRANT KILL QUERY ON *.*", "GRANT SELECT ON system.processes")
	owner := []string{"GRANT ALL ON *.*", "REVOKE SYSTEM LISTEN, SYSTEM SHUTDOWN, KILL QUERY ON *.*"} //mutant:engine-can-be-told-to-stop-listening
	if o.ownerMayStopListening {
		owner = append(owner, "GRANT SYSTEM LISTEN ON *.*")
	}
	account(u.Owner, "polo_writer", owner...)
	account(u.Migrator, "polo_writer",
		"GRANT CREATE DATABASE, CREATE TABLE, CREATE VIEW, CREATE DICTIONARY, ALTER, DROP TABLE, DROP VIEW, DROP DICTIONARY, TRUNCATE, OPTIMIZE, INSERT, SELECT, dictGet, SYSTEM VIEWS, SHOW ON "+Database+".*",
		"GRANT SELECT ON system.*", "GRANT SELECT ON information_schema.*", "GRANT SYSTEM RELOAD DICTIONARY ON *.*", "GRANT TABLE ENGINE ON *", "GRANT SET DEFINER ON *")
	account(u.Writer, "polo_writer", "GRANT INSERT ON "+Database+".resource_events")
	account(u.Reader, "polo_reader", "GRANT SELECT, dictGet, SHOW ON "+Database+".*", "GRANT SELECT ON system.*", "GRANT SELECT ON information_schema.*")
	account(u.API, "polo_api", "GRANT SELECT, dictGet ON "+Database+".*")
	b.WriteString("  </users>\n</clickhouse>\n")
	return b.String()
}
