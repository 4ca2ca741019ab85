package stack

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"time"

	"polo/local/lambda"
)

// Settings of the consumer's function and its mapping on one machine, where more than two
// concurrent inserts are too many and memory does not decide the share of a CPU. On AWS
// they are variables of the Terraform module.
const (
	consumerTimeout = time.Minute
	consumerMemory  = 1 << 30
	collectorMemory = 512 << 20
	alertsTimeout   = 4 * time.Minute
	mappingBatch    = 10_000
	mappingWindow   = linger
	// atOnce bounds the concurrent invocations of one function.
	atOnce = 2
)

// maxLog is the size in bytes at which a function's log is rotated when the stack starts;
// one old log is kept.
const maxLog = 64 << 20

// Functions are the Lambda functions of a stack.
type Functions struct {
	s        *Stack
	programs string // their folder
	log      *slog.Logger
	all      []*lambda.Function
	files    []*os.File
}

// Functions returns the functions of the programs in a folder, each named after its
// function.
func (s *Stack) Functions(programs string, log *slog.Logger) *Functions {
	return &Functions{s: s, programs: programs, log: log}
}

// Programs returns the folder of the functions' programs.
func (f *Functions) Programs() string { return f.programs }

// Consumer returns the mapping from the main queue to the consumer's function.
func (f *Functions) Consumer() (*lambda.Mapping, error) {
	fn, err := f.ConsumerFunction(f.s.Endpoints.ClickHouseTCP)
	if err != nil {
		return nil, err
	}
	return lambda.NewMapping(f.Mapping(fn))
}

// Mapping returns the configuration of a mapping from the main queue to a function.
func (f *Functions) Mapping(fn lambda.Invoker) lambda.MappingConfig {
	return lambda.MappingConfig{
		Function: fn, Source: f.s.client, Queue: f.s.Queue, QueueURL: f.s.Endpoints.QueueURL, QueueARN: f.s.queueARN, Visibility: visibility,
		BatchSize: mappingBatch, Window: mappingWindow, Concurrency: atOnce, ReportBatchItemFailures: true, Logger: f.log,
	}
}

// ConsumerFunction returns the consumer's function, with ClickHouse's address.
func (f *Functions) ConsumerFunction(clickHouse string) (*lambda.Function, error) {
	writer := f.s.Endpoints.Users.Writer
	return f.function("consumer", "consumer", consumerTimeout, consumerMemory, map[string]string{
		"POLO_CLICKHOUSE_ADDR": clickHouse, "POLO_CLICKHOUSE_DATABASE": f.s.Endpoints.Database, "POLO_CLICKHOUSE_PLAINTEXT": "true",
		"POLO_CLICKHOUSE_USER": writer.Name, "POLO_CLICKHOUSE_PASSWORD": writer.Password, "POLO_CLICKHOUSE_TARGET": "single",
		"POLO_DLQ":             f.s.Endpoints.DLQURL,
		"AWS_ENDPOINT_URL_SQS": f.s.Endpoints.SQS, "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
	})
}

// Collector returns a source's function, which runs the named program. env holds its
// variables besides the queues, such as the accounts and credentials.
func (f *Functions) Collector(program, source string, env map[string]string) (*lambda.Function, error) {
	all := map[string]string{
		"POLO_SOURCE": source, "POLO_QUEUE": f.s.Endpoints.QueueURL, "POLO_DLQ": f.s.Endpoints.DLQURL,
	}
	maps.Copy(all, env)
	return f.function(program, source, 15*time.Minute, collectorMemory, all)
}

// Alerts returns the function that evaluates alerts at an interval. env holds its variables besides the queues and ClickHouse: the
// configuration, the channels' secret, credentials if a channel wants them.
func (f *Functions) Alerts(interval time.Duration, env map[string]string) (*lambda.Function, error) {
	all := map[string]string{"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
	maps.Copy(all, env)
	reader := f.s.Endpoints.Users.Reader
	maps.Copy(all, map[string]string{
		"POLO_ALERTS_INTERVAL": interval.String(), "POLO_QUEUE": f.s.Endpoints.QueueURL, "POLO_DLQ": f.s.Endpoints.DLQURL,
		"POLO_CLICKHOUSE_ADDR": f.s.Endpoints.ClickHouseTCP, "POLO_CLICKHOUSE_DATABASE": f.s.Endpoints.Database, "POLO_CLICKHOUSE_PLAINTEXT": "true",
		"POLO_CLICKHOUSE_USER": reader.Name, "POLO_CLICKHOUSE_PASSWORD": reader.Password, "POLO_CLICKHOUSE_SECRET": "", "AWS_ENDPOINT_URL_SQS": f.s.Endpoints.SQS,
	})
	return f.function("alerts", "alerts", alertsTimeout, collectorMemory, all)
}

// function returns a function with its log in the data directory.
func (f *Functions) function(program, name string, timeout time.Duration, memory int64, env map[string]string) (*lambda.Function, error) {
	dir := filepath.Join(f.s.dir, "lambda")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the functions' folder: %w", err)
	}
	path := filepath.Join(dir, name+".log")
	if info, err := os.Stat(path); err == nil && info.Size() > maxLog {
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, fmt.Errorf("rotating the log of %s: %w", name, err)
		}
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the log of %s: %w", name, err)
	}
	f.files = append(f.files, file)
	fn, err := lambda.New(lambda.Options{
		Name: name, Bootstrap: filepath.Join(f.programs, program), Dir: dir, Env: env, Timeout: timeout, Memory: memory, Concurrency: atOnce, Log: file, Region: region,
	})
	if err != nil {
		return nil, err
	}
	f.all = append(f.all, fn)
	return fn, nil
}

// Close waits for running invocations, and closes the functions.
func (f *Functions) Close() error {
	var errs []error
	for _, fn := range f.all {
		errs = append(errs, fn.Close())
	}
	for _, file := range f.files {
		errs = append(errs, file.Close())
	}
	return errors.Join(errs...)
}
