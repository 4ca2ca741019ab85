package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"polo/internal/cli"
	"polo/local/lambda"
	"polo/local/stack"
	"polo/producers/registry"
	"polo/producers/source"
)

// programs returns the folder of the Lambda functions' programs.
func (c *upCmd) programs() (string, error) {
	dir := c.Programs
	if dir == "" {
		self, err := os.Executable()
		if err != nil {
			return "", fmt.Errorf("finding the Lambda functions' programs (--programs names their folder): %w", err)
		}
		dir = filepath.Join(filepath.Dir(self), "lambda", "native")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("finding the Lambda functions' programs: %w", err)
	}
	return dir, c.built(dir, "consumer")
}

// built says how to build a missing program.
func (c *upCmd) built(dir, program string) error {
	_, err := os.Stat(filepath.Join(dir, program))
	if errors.Is(err, fs.ErrNotExist) {
		return cli.Usage("there is no Lambda program %s: make functions builds them, and --programs names another folder", filepath.Join(dir, program))
	}
	return err
}

// scheduler runs the requested collectors.
func (c *upCmd) scheduler(e *env, functions *stack.Functions) (*lambda.Scheduler, error) {
	s := &lambda.Scheduler{Logger: e.log, Ended: func(j lambda.Job, due time.Time, answer []byte, err error) {
		if err == nil {
			e.log.Info("a collector ran", slog.String("source", j.Name), slog.Time("scheduled", due), slog.String("summary", string(answer)))
		}
	}}
	for _, text := range c.Collect {
		name, when, own := strings.Cut(text, "=")
		src, err := registry.Find(name)
		if err != nil {
			return nil, cli.Usage("--collect: %w", err)
		}
		if !own {
			when = rate(src.Period)
		}
		schedule, err := lambda.ParseSchedule(when)
		if err != nil {
			return nil, cli.Usage("--collect %s: %w", name, err)
		}
		if err := c.built(functions.Programs(), src.Function); err != nil {
			return nil, err
		}
		fn, err := c.collector(functions, src)
		if err != nil {
			return nil, err
		}
		s.Jobs = append(s.Jobs, lambda.Job{
			Name: name, Function: fn, Schedule: schedule, AtOnce: strings.HasPrefix(when, "rate"), Input: `{"scheduled":"<aws.scheduler.scheduled-time>"}`,
		})
	}
	return s, nil
}

// collector passes on this environment's settings and credentials. It publishes to the local
// queues, and sends every other request to AWS, or to the endpoints in the environment.
func (c *upCmd) collector(functions *stack.Functions, src source.Source) (*lambda.Function, error) {
	given := passedOn()
	for _, name := range []string{"POLO_QUEUE", "POLO_DLQ", "POLO_SOURCE"} {
		delete(given, name)
	}
	return functions.Collector(src.Function, src.Name, given)
}

// passedOn are this environment's settings and credentials.
func passedOn() map[string]string {
	given := map[string]string{}
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		if (strings.HasPrefix(name, "POLO_") || strings.HasPrefix(name, "AWS_") || name == "HOME") && !strings.HasPrefix(name, "AWS_LAMBDA_") {
			given[name] = value
		}
	}
	return given
}

// rate returns a period as a schedule.
func rate(d time.Duration) string {
	if minutes := int(d / time.Minute); minutes != 1 {
		return fmt.Sprintf("rate(%d minutes)", minutes)
	}
	return "rate(1 minute)"
}
