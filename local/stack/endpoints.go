package stack

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"polo/internal/queue/sqs"
	"polo/local/clickhouse"
)

var arnOnly = []types.QueueAttributeName{types.QueueAttributeNameQueueArn}

// Endpoints tell another process how to reach a running stack.
type Endpoints struct {
	PID            int              `json:"pid"`
	SQS            string           `json:"sqs"`
	Region         string           `json:"region"`
	QueueURL       string           `json:"queue_url"`
	DLQURL         string           `json:"dlq_url"`
	ClickHouseTCP  string           `json:"clickhouse_tcp"`
	ClickHouseHTTP string           `json:"clickhouse_http"`
	Database       string           `json:"database"`
	Users          clickhouse.Users `json:"users"`
}

// ErrBusy tells that another process runs the stack on this directory.
var ErrBusy = errors.New("a stack is running on this data directory")

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

// Join finds the stack that another process runs on dir; running is false when
// there is none.
func Join(dir string) (e Endpoints, running bool, err error) {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return e, false, nil
	}
	lock, err := lockDir(dir)
	if err == nil {
		return e, false, lock.Close()
	}
	if !errors.Is(err, ErrBusy) {
		return e, false, err
	}
	text, err := os.ReadFile(filepath.Join(dir, endpointsFile))
	if err != nil {
		return e, true, fmt.Errorf("a stack on %s is starting or ending; try again: %w", dir, err)
	}
	if err := json.Unmarshal(text, &e); err != nil {
		return e, true, fmt.Errorf("reading %s: %w", endpointsFile, err)
	}
	return e, true, nil
}

// Queues are the main and the dead-letter queue of a stack that was joined.
func (e Endpoints) Queues() (main, dlq *sqs.Queue) {
	client := sqs.NewClient(AWSConfig(), e.SQS)
	return sqs.New(client, e.QueueURL, sqs.Options{}), sqs.New(client, e.DLQURL, sqs.Options{})
}

// lockDir makes sure that one process runs the stack on dir.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "stack.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the data directory's lock: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		err = errors.Join(err, f.Close())
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%w: %s", ErrBusy, dir)
		}
		return nil, fmt.Errorf("locking the data directory: %w", err)
	}
	return f, nil
}

func isNoQueue(err error) bool {
	var none *types.QueueDoesNotExist
	return errors.As(err, &none)
}
