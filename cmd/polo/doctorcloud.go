package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"

	"polo/internal/clickhouse"
	"polo/local/stack"
)

// checkCredentials checks the environment and the AWS files. It sends no request, so it cannot know
// whether AWS accepts the credentials.
func checkCredentials(ctx context.Context, getenv func(string) string) []check {
	const name, remedy = "AWS credentials", "polo collect and s3:// inputs need them: aws configure, aws sso login with AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
	id, secret := getenv("AWS_ACCESS_KEY_ID"), getenv("AWS_SECRET_ACCESS_KEY")
	switch {
	case id != "" && secret != "":
		return []check{{name, stateOK, "an access key in the environment", ""}}
	case id != "" || secret != "":
		return []check{{name, stateMissing, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: one of the two is not set", remedy}}
	case getenv("AWS_WEB_IDENTITY_TOKEN_FILE") != "":
		return []check{{name, stateOK, "a web identity's token", ""}}
	case getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")+getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI") != "":
		return []check{{name, stateOK, "those of the container", ""}}
	}
	profile := getenv("AWS_PROFILE")
	shared, err := config.LoadSharedConfigProfile(ctx, or(profile, "default"), func(o *config.LoadSharedConfigOptions) {
		for variable, files := range map[string]*[]string{"AWS_CONFIG_FILE": &o.ConfigFiles, "AWS_SHARED_CREDENTIALS_FILE": &o.CredentialsFiles} {
			if path := getenv(variable); path != "" {
				*files = []string{path}
			}
		}
	})
	switch {
	case err != nil && profile != "":
		return []check{{name, stateMissing, fmt.Sprintf("the profile %s of AWS_PROFILE cannot be read: %v", profile, err), remedy}}
	case err == nil && (shared.Credentials.HasKeys() || shared.RoleARN != "" || shared.SSOSessionName != "" || shared.SSOStartURL != "" || shared.CredentialProcess != ""):
		return []check{{name, stateOK, "the profile " + or(profile, "default"), ""}}
	}
	return []check{{name, stateNote, "none in the environment and the AWS files", remedy}}
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// endpoint is an address that a setting sends requests to.
type endpoint struct{ name, address, remedy string }

// checkEndpoints dials the endpoints of the environment, and of a running stack.
func checkEndpoints(ctx context.Context, data string, getenv func(string) string) []check {
	var out []check
	var all []endpoint
	for _, name := range endpointVariables() {
		if text := getenv(name); text != "" {
			address, err := hostPort(text)
			if err != nil {
				out = append(out, check{name, stateMissing, shown(text) + ": " + err.Error(), "set it to a URL such as http://127.0.0.1:4566, or unset it"})
				continue
			}
			all = append(all, endpoint{name, address, "start what " + name + " names, correct it, or unset it"})
		}
	}
	if text := getenv("POLO_CLICKHOUSE_ADDR"); text != "" {
		addrs, err := clickhouse.Addresses(text)
		if err != nil {
			out = append(out, check{"POLO_CLICKHOUSE_ADDR", stateMissing, err.Error(), "set it to host:port of the native protocol, such as ch.example.com:9440"})
			addrs = nil
		}
		for _, address := range addrs {
			all = append(all, endpoint{"POLO_CLICKHOUSE_ADDR", address, "look whether the server runs and this machine may reach it, or correct it"})
		}
	}
	running, err := runningEndpoints(data)
	if err != nil {
		out = append(out, check{"running stack", stateMissing, err.Error(), "end the process that runs the stack, and start it again"})
	}
	for _, p := range append(all, running...) {
		c := check{p.name, stateOK, p.address + " answers", ""}
		if err := dial(ctx, p.address); err != nil {
			c.State, c.Found, c.Remedy = stateMissing, fmt.Sprintf("%s cannot be reached: %s", p.address, err), p.remedy
		}
		out = append(out, c)
	}
	return out
}

// endpointVariables are the variables that replace an AWS endpoint.
func endpointVariables() []string {
	names := []string{"POLO_QUEUE_ENDPOINT"}
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "AWS_ENDPOINT_URL") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// runningEndpoints returns the endpoints of the stack that runs on the data directory, if one does.
func runningEndpoints(data string) ([]endpoint, error) {
	if _, running, err := stack.Look(data); err != nil || !running {
		return nil, nil //nolint:nilerr // the check of the data directory reports it
	}
	text, err := os.ReadFile(filepath.Join(data, "stack.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // the stack is starting or ending
	}
	var ends stack.Endpoints
	if err == nil {
		err = json.Unmarshal(text, &ends)
	}
	if err != nil {
		return nil, fmt.Errorf("reading its endpoints: %w", err)
	}
	remedy := "end the process that runs the stack, and start it again"
	return []endpoint{
		{"SQS of the stack", strings.TrimPrefix(ends.SQS, "http://"), remedy},
		{"ClickHouse of the stack", ends.ClickHouseTCP, remedy},
		{"ClickHouse HTTP of the stack", ends.ClickHouseHTTP, remedy},
	}, nil
}
