package collect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"polo/internal/httpsource"
	"polo/internal/lambdamain"
	"polo/internal/queue/sqs"
	"polo/internal/telemetry"
	"polo/producers"
	"polo/producers/source"
)

// ErrNothingRead means that a run read no part of any scope to its end. That fails the
// Lambda function, so that on-call is alarmed; single gaps do not.
var ErrNothingRead = errors.New("nothing could be read")

// Function returns the start of the Lambda function of the source that POLO_SOURCE
// names and find finds.
func Function(find func(name string) (source.Source, error)) func(context.Context, *slog.Logger, *telemetry.Metrics) (lambdamain.Function, error) {
	return func(ctx context.Context, log *slog.Logger, metrics *telemetry.Metrics) (lambdamain.Function, error) {
		// What is wrong with the settings is told with what is missing.
		settings, _ := ReadSettings(os.Getenv)
		src, err := find(settings.Source)
		if err != nil {
			return lambdamain.Function{}, err
		}
		r, err := FromEnvironment(ctx, src, os.Getenv, log)
		if err != nil {
			return lambdamain.Function{}, err
		}
		r.Metrics = metrics
		return lambdamain.Function{Handler: r.Handle}, nil
	}
}

// Only returns a find function that always finds src.
func Only(src source.Source) func(string) (source.Source, error) {
	return func(string) (source.Source, error) { return src, nil }
}

// OneOf returns a find function that finds one of several sources by its name.
func OneOf(all []source.Source) func(string) (source.Source, error) {
	return func(name string) (source.Source, error) {
		var names []string
		for _, s := range all {
			if s.Name == name {
				return s, nil
			}
			names = append(names, s.Name)
		}
		return source.Source{}, fmt.Errorf("POLO_SOURCE is %q, and not one of %s", name, strings.Join(names, ", "))
	}
}

// FromEnvironment builds a source's runner from the environment and opens its queues:
// once for each cold start.
func FromEnvironment(ctx context.Context, src source.Source, getenv func(string) string, log *slog.Logger) (*Runner, error) {
	settings, err := ReadSettings(getenv)
	if settings.Queue == "" || settings.DeadLetter == "" {
		err = errors.Join(err, errors.New("POLO_QUEUE (for events) and POLO_DLQ (for failures) must both be set"))
	}
	if settings.ReadRole == "" && src.IsAWS() {
		err = errors.Join(err, errors.New("POLO_ENV or POLO_READ_ROLE must be set: it names the role that reads the accounts"))
	}
	for _, name := range []string{"POLO_CLOUDFLARE_SECRET", "POLO_DATADOG_SECRET", "POLO_GITHUB_SECRET"} {
		if strings.HasPrefix(strings.TrimSpace(settings.own(name)), "{") {
			err = errors.Join(err, fmt.Errorf("%s holds the secret itself; a function's has its ARN", name))
		}
	}
	if err != nil {
		return nil, err
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("loading the AWS configuration: %w", err)
	}
	r := &Runner{Source: src, Settings: settings, AWS: cfg, Logger: log, Cache: httpsource.NewCache(cacheLimits())}
	return r, r.OpenQueues(ctx, settings.Queue, settings.DeadLetter)
}

// cacheLimits are a small part of the least memory that a function has, 256 MB.
func cacheLimits() httpsource.CacheLimits {
	return httpsource.CacheLimits{Entries: 1000, Bytes: 32 << 20, Body: 4 << 20}
}

// OpenQueues opens the SQS queues that the runner publishes to, by URL, ARN or name.
func (r *Runner) OpenQueues(ctx context.Context, main, deadLetter string) error {
	cfg := r.AWS
	if sqs.EndpointOf(main) != "" { // one on this machine, which looks at no credentials
		cfg.Credentials = credentials.NewStaticCredentialsProvider("local", "local", "")
	}
	q, dlq, err := sqs.OpenBoth(ctx, cfg, main, deadLetter)
	if err != nil {
		return err
	}
	r.Queue, r.DeadLetter = q, dlq
	return nil
}

// Handle handles a Lambda invocation; ParseRequest describes its input. After an error
// Lambda retries, which is harmless: a repeated run publishes the same events.
func (r *Runner) Handle(ctx context.Context, event json.RawMessage) (producers.Summary, error) {
	q, err := ParseRequest(event)
	if err != nil {
		return producers.Summary{}, err
	}
	s, err := r.Run(ctx, q)
	if problem := r.writeMetrics(&s); problem != nil {
		r.Logger.WarnContext(ctx, "metrics were not written", slog.String("error", problem.Error()))
	}
	if err == nil && s.Read == 0 && s.Completions == 0 && len(s.Gaps) > 0 {
		err = fmt.Errorf("%w of %d scopes: the first because %s: %s", ErrNothingRead, s.Scopes, s.Gaps[0].Reason, s.Gaps[0].Error)
	}
	return s, err
}

// writeMetrics writes a run's summary as metrics.
func (r *Runner) writeMetrics(s *producers.Summary) error {
	count := func(name string, n int64) telemetry.Metric {
		return telemetry.Metric{Name: name, Unit: telemetry.Count, Value: float64(n)}
	}
	fact := func(name string, n int64) telemetry.Metric {
		return telemetry.Metric{Name: name, Unit: telemetry.Fact, Value: float64(n)}
	}
	return r.Metrics.Put([]telemetry.Metric{
		count("Events", s.Events), count("Rejected", s.Rejected), count("Gaps", int64(len(s.Gaps))), count("Throttles", s.Counts.Throttles),
		fact("Completions", int64(s.Completions)), fact("Requests", s.Counts.Requests), fact("PaidRequests", s.Counts.Paid), fact("NotModified", s.Counts.NotModified),
		{Name: "PaidRequestsUSD", Unit: telemetry.None, Value: float64(s.Counts.CostMicros) / 1e6},
	}, telemetry.Dimension{Name: "Source", Value: r.Source.Name})
}
