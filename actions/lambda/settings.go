package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"polo/actions"
	"polo/actions/access"
	"polo/internal/clickhouse"
	"polo/internal/environment"
	"polo/internal/secret"
	"polo/schema"
)

// environ holds the function's environment variables, besides those of lambdamain.Environment.
type environ struct {
	Env           string      `env:"POLO_ENV" doc:"the deployment's name, of which the roles' are made"`
	Actions       string      `env:"POLO_ACTIONS,required" unit:"JSON" doc:"what may be done, by whom callers are vouched for, and the kill switch: docs/ACTIONS.md"`
	ActionsSecret string      `env:"POLO_ACTIONS_SECRET,required" unit:"ARN" doc:"the secret with the keys that seal plans, mac_ID for each ID of mac_keys in POLO_ACTIONS: 32 bytes or more in base64; in Secrets Manager or SSM"`
	ReadRole      string      `env:"POLO_READ_ROLE" unit:"name of a role" doc:"the role that looks at resources, with its path; {POLO_ENV}-PoloReadRole where it is not set"`
	ActionRole    string      `env:"POLO_ACTION_ROLE" unit:"name of a role" doc:"the role that changes them, with its path; {POLO_ENV}-polo-action-role where it is not set"`
	ExternalID    string      `env:"POLO_EXTERNAL_ID" doc:"what the roles' trust asks for"`
	Queue         string      `env:"POLO_QUEUE,required" unit:"URL, ARN or name" doc:"the queue for the journal's events. An http:// URL also names the server"`
	DLQ           string      `env:"POLO_DLQ,required" unit:"URL, ARN or name" doc:"the queue for failures, beside POLO_QUEUE"`
	Addr          string      `env:"POLO_CLICKHOUSE_ADDR,required" unit:"HOST:PORT,..." doc:"ClickHouse's address of the native protocol, or several with commas between"`
	Database      string      `env:"POLO_CLICKHOUSE_DATABASE" envDefault:"polo" doc:"the database to begin in; the tables are in polo"`
	User          string      `env:"POLO_CLICKHOUSE_USER,required" doc:"a user that may read; on ClickHouse Cloud its profile must set select_sequential_consistency = 1"`
	Password      string      `env:"POLO_CLICKHOUSE_PASSWORD" doc:"its password, where POLO_CLICKHOUSE_SECRET is not set"`
	Secret        string      `env:"POLO_CLICKHOUSE_SECRET" unit:"ARN" doc:"a secret of Secrets Manager or a parameter of SSM that holds the password; it is read again when it is refused"`
	Plaintext     bool        `env:"POLO_CLICKHOUSE_PLAINTEXT" envDefault:"false" doc:"connect without TLS"`
	Target        schema.Kind `env:"POLO_CLICKHOUSE_TARGET" envDefault:"cloud" unit:"single or cloud" doc:"what ClickHouse is; a cluster is refused: its replicas may not show what another function wrote"`
}

// configuration is POLO_ACTIONS.
type configuration struct {
	actions.Settings
	// KillSwitch is the parameter that must say "on".
	KillSwitch string `json:"kill_switch"`
	Access     struct {
		Team     string `json:"team"`
		Audience string `json:"audience"`
		MaxAge   string `json:"max_age"`
	} `json:"access"`
	// WorkerKeys are public keys of Ed25519 in base64, by their ids.
	WorkerKeys map[string]string `json:"worker_keys"`
	// MACKeys are the ids of the keys that seal plans, the one that seals first.
	MACKeys []string `json:"mac_keys"`
}

// settings are derived from the environment.
type settings struct {
	environ
	settings   actions.Settings
	access     access.Config
	server     clickhouse.Server
	sequential bool
	killSwitch string
	macKeys    []string
}

// readSettings reports every missing or wrong variable at once.
func readSettings(getenv func(string) string) (settings, error) {
	var s settings
	err := environment.Read(getenv, &s.environ, environment.Parsers{
		reflect.TypeFor[schema.Kind](): func(text string) (any, error) { return schema.ParseKind(text) },
	})
	errs := []error{err}
	wrong := func(name string, err error) {
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
	}
	if s.Addr != "" {
		_, err := clickhouse.Addresses(s.Addr)
		wrong("POLO_CLICKHOUSE_ADDR", err)
	}
	if s.Secret != "" && s.Password != "" {
		wrong("POLO_CLICKHOUSE_PASSWORD", errors.New("set together with POLO_CLICKHOUSE_SECRET: set only one"))
	}
	if s.Target == schema.Cluster {
		wrong("POLO_CLICKHOUSE_TARGET", errors.New("actions need a ClickHouse that shows every function what another wrote: single or cloud"))
	}
	if strings.HasPrefix(strings.TrimSpace(s.ActionsSecret), "{") {
		wrong("POLO_ACTIONS_SECRET", errors.New("it holds the secret itself; a function's has its ARN"))
	}
	for _, r := range []struct {
		role           *string
		name, variable string
	}{{&s.ReadRole, "-PoloReadRole", "POLO_READ_ROLE"}, {&s.ActionRole, "-polo-action-role", "POLO_ACTION_ROLE"}} {
		if *r.role == "" && s.Env != "" {
			*r.role = s.Env + r.name
		}
		if *r.role == "" {
			wrong(r.variable, errors.New("neither it nor POLO_ENV is set"))
		}
	}
	s.server = clickhouse.Server{Addr: s.Addr, Database: s.Database, User: s.User, Password: s.Password, TLS: !s.Plaintext}
	s.sequential = s.Target == schema.Cloud
	if s.Actions != "" {
		wrong("POLO_ACTIONS", s.configure(s.Actions))
	}
	return s, errors.Join(errs...)
}

// configure reads POLO_ACTIONS and reports every fault.
func (s *settings) configure(text string) error {
	var c configuration
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the settings")
	}
	var errs []error
	var err error
	if s.settings, err = c.Checked(); err != nil {
		errs = append(errs, err)
	}
	if s.killSwitch = c.KillSwitch; s.killSwitch == "" {
		errs = append(errs, errors.New("kill_switch: no name or ARN of an SSM parameter"))
	}
	if s.macKeys = c.MACKeys; len(s.macKeys) == 0 {
		errs = append(errs, errors.New("mac_keys: no id of a key"))
	}
	s.access = access.Config{Team: c.Access.Team, Audience: c.Access.Audience, Keys: map[string]ed25519.PublicKey{}}
	if c.Access.MaxAge != "" {
		if s.access.MaxAge, err = time.ParseDuration(c.Access.MaxAge); err != nil {
			errs = append(errs, fmt.Errorf("access.max_age: %w", err))
		}
	}
	for id, text := range c.WorkerKeys {
		key, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			errs = append(errs, fmt.Errorf("worker_keys[%q]: not base64", id))
		}
		s.access.Keys[id] = key
	}
	if _, err := access.New(s.access); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// keys reads the keys that seal plans from the secret.
func (s *settings) keys(ctx context.Context, cfg aws.Config) (actions.Keys, error) {
	fields, err := secret.NewFields(cfg, s.ActionsSecret)
	if err != nil {
		return actions.Keys{}, fmt.Errorf("POLO_ACTIONS_SECRET: %w", err)
	}
	names := make([]string, len(s.macKeys))
	for i, id := range s.macKeys {
		names[i] = "mac_" + id
	}
	texts, err := fields.Get(ctx, names...)
	if err != nil {
		return actions.Keys{}, fmt.Errorf("POLO_ACTIONS_SECRET: %w", err)
	}
	byID := map[string][]byte{}
	for i, id := range s.macKeys {
		if byID[id], err = base64.StdEncoding.DecodeString(texts[i]); err != nil {
			return actions.Keys{}, fmt.Errorf("POLO_ACTIONS_SECRET: %s is not base64", names[i])
		}
	}
	return actions.NewKeys(s.macKeys, byID)
}
