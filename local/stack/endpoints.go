package stack

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"polo/internal/queue/sqs"
	"polo/local/chdb"
)

var arnOnly = []types.QueueAttributeName{types.QueueAttributeNameQueueArn}

// Endpoints say how to reach a running stack from another process.
type Endpoints struct {
	PID            int        `json:"pid"`
	SQS            string     `json:"sqs"`
	Region         string     `json:"region"`
	QueueURL       string     `json:"queue_url"`
	DLQURL         string     `json:"dlq_url"`
	ClickHouseTCP  string     `json:"clickhouse_tcp"`
	ClickHouseHTTP string     `json:"clickhouse_http"`
	Database       string     `json:"database"`
	Users          chdb.Users `json:"users"`
	// Dashboard is the dashboard's address with its key; empty if none runs.
	Dashboard string `json:"dashboard,omitempty"`
}

const endpointsFile = "stack.json"

// save writes the endpoints for Join; only their owner may read the passwords.
func (e Endpoints) save(dir string) error {
	text, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the endpoints: %w", err)
	}
	path := filepath.Join(dir, endpointsFile)
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return fmt.Errorf("writing the endpoints: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("writing the endpoints: %w", err)
	}
	return nil
}

func forget(dir string) error {
	if err := os.Remove(filepath.Join(dir, endpointsFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing the endpoints: %w", err)
	}
	return nil
}

// Queues returns the main and the dead-letter queue of a stack that was joined.
func (e Endpoints) Queues() (main, dlq *sqs.Queue) {
	client := sqs.NewClient(AWSConfig(), e.SQS)
	return sqs.New(client, e.QueueURL, sqs.Options{}), sqs.New(client, e.DLQURL, sqs.Options{})
}

func isNoQueue(err error) bool {
	var none *types.QueueDoesNotExist
	return errors.As(err, &none)
}
