package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"polo/internal/cli"
)

// localStack is what a running polo up writes about itself in its data directory.
type localStack struct {
	PID           int    `json:"pid"`
	SQS           string `json:"sqs"`
	Region        string `json:"region"`
	QueueURL      string `json:"queue_url"`
	DLQURL        string `json:"dlq_url"`
	ClickHouseTCP string `json:"clickhouse_tcp"`
	Users         struct {
		Reader account `json:"reader"`
	} `json:"users"`
}

// account is a user of ClickHouse.
type account struct {
	Name     string `json:"name"`
	Password string `json:"password"`
}

// joinLocal reads the endpoints of the stack that runs in a data directory.
func joinLocal(dir string) (localStack, error) {
	notThere := cli.Usage("nothing runs on %s; start it with polo up --data %s", dir, dir)
	text, err := os.ReadFile(filepath.Join(dir, "stack.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return localStack{}, notThere
	}
	if err != nil {
		return localStack{}, fmt.Errorf("reading the stack's endpoints: %w", err)
	}
	var s localStack
	if err := json.Unmarshal(text, &s); err != nil || s.SQS == "" {
		return localStack{}, fmt.Errorf("reading the stack's endpoints in %s: they are malformed", dir)
	}
	if s.PID <= 0 || errors.Is(syscall.Kill(s.PID, 0), syscall.ESRCH) {
		return localStack{}, notThere
	}
	return s, nil
}
