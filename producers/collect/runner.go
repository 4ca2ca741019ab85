package collect

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"

	"polo/internal/account"
	"polo/internal/awsaccounts"
	"polo/internal/httpsource"
	"polo/internal/queue"
	"polo/internal/secret"
	"polo/internal/telemetry"
	"polo/producers"
	"polo/producers/source"
)

// Runner runs one source's collector. It is stateless.
type Runner struct {
	Source   source.Source
	Settings Settings
	// AWS holds the caller's own credentials and home region.
	AWS aws.Config
	// Queue receives the packs, DeadLetter the letters.
	Queue, DeadLetter queue.Sender
	Logger            *slog.Logger
	// Metrics, if set, is told what became of each run that Handle begins.
	Metrics *telemetry.Metrics
	// Cache, if set, saves asking a source again for what has not changed. No event depends on it.
	Cache *httpsource.Cache
}

// Run runs a request. What could not be read is a gap in the summary. An error means that
// the run did not begin, or that publishing failed.
func (r *Runner) Run(ctx context.Context, q Request) (_ producers.Summary, err error) {
	ctx, end := telemetry.Span(ctx, "collect "+r.Source.Name, nil)
	defer func() { end(err) }()
	window, err := q.window(r.Source, r.Settings)
	if err != nil {
		return producers.Summary{}, fmt.Errorf("running %s: %w", r.Source.Name, err)
	}
	from, err := r.scopes(ctx, q)
	if err != nil {
		return producers.Summary{}, err
	}
	collector, err := r.Source.New(from.deps)
	if err != nil {
		return producers.Summary{}, fmt.Errorf("making the collector of %s: %w", r.Source.Name, err)
	}
	publisher, err := producers.NewPublisher(producers.PublisherConfig{
		Source: r.Source.Name, Queue: r.Queue, DeadLetter: r.DeadLetter, TraceHeader: telemetry.TraceHeader(ctx), Logger: r.Logger,
	})
	if err != nil {
		return producers.Summary{}, err
	}
	defer func() { err = errors.Join(err, publisher.Close()) }()
	return producers.Run(ctx, producers.RunConfig{
		Collector: collector, Accounts: from.accounts, Regions: from.regions, Emitter: publisher, Identity: r.Settings.Identity,
		Scheduled: q.Scheduled, Window: window, Workers: r.Settings.Workers, BudgetMicros: int64(r.Settings.BudgetMicros), Logger: r.Logger,
	})
}

// scopes are what a run reads: its accounts and regions, and what its collector is made of.
type scopes struct {
	deps     source.Deps
	accounts []account.Account
	regions  []string
}

// scopes returns what a request reads. What is not AWS's is in the source's own settings.
func (r *Runner) scopes(ctx context.Context, q Request) (scopes, error) {
	of := scopes{deps: source.Deps{
		Getenv: r.Settings.own, Endpoint: r.Settings.Endpoint, Cache: r.Cache,
		Secret: func(setting string) (secret.Fields, error) {
			text := r.Settings.own(setting)
			if text == "" {
				return secret.Fields{}, fmt.Errorf("%s is not set", setting)
			}
			return secret.NewFields(r.AWS, text)
		},
	}}
	if !r.Source.IsAWS() {
		if len(q.Accounts)+len(q.Regions) > 0 {
			return of, fmt.Errorf("%s has no accounts or regions of AWS to choose from", r.Source.Name)
		}
		return of, nil
	}
	sessions, err := r.sessions(q)
	if err != nil {
		return of, err
	}
	listing, err := r.listing(ctx, sessions, false)
	if err != nil {
		return of, err
	}
	of.deps.Sessions, of.deps.Management = sessions, listing.Management
	of.deps.Listing = func(ctx context.Context) (awsaccounts.Listing, error) { return r.listing(ctx, sessions, true) }
	if of.accounts, err = chosen(listing.Active(), q.Accounts); err != nil {
		return of, err
	}
	of.regions, err = r.regions(q)
	return of, err
}

func (r *Runner) sessions(q Request) (*awsaccounts.Sessions, error) {
	return awsaccounts.NewSessions(awsaccounts.Config{
		Base: r.AWS, Role: r.Settings.ReadRole, ExternalID: r.Settings.ExternalID, OwnAccount: r.Settings.OwnAccount,
		Session: awsaccounts.SessionName(r.Source.Name, q.Scheduled), Endpoint: r.Settings.Endpoint, Timeouts: r.Settings.Timeouts,
	})
}

// listing returns the configured accounts with their roles. If units is set it looks up
// their organisational units too.
func (r *Runner) listing(ctx context.Context, sessions *awsaccounts.Sessions, units bool) (awsaccounts.Listing, error) {
	s := r.Settings
	listing := awsaccounts.Listing{Accounts: s.Accounts}
	if s.Organization {
		cfg := sessions.Own("")
		if s.OrganizationAccount != "" {
			var err error
			if cfg, err = sessions.Config(ctx, s.OrganizationAccount, ""); err != nil {
				return listing, err
			}
		}
		var err error
		if listing, err = (awsaccounts.Organization{Client: awsaccounts.NewOrganizationClient(cfg), Units: units}).List(ctx); err != nil {
			return listing, err
		}
	}
	return listing.WithRoles(s.AccountRoles), nil
}

// chosen returns the accounts that a request names, or all.
func chosen(all []account.Account, ids []string) ([]account.Account, error) {
	if len(all) == 0 {
		return nil, errors.New("no account to read: set POLO_ACCOUNTS, or POLO_ORGANIZATION=true")
	}
	if len(ids) == 0 {
		return all, nil
	}
	var some []account.Account
	var errs []error
	for _, id := range ids {
		i := slices.IndexFunc(all, func(a account.Account) bool { return a.ID == id })
		if i < 0 {
			errs = append(errs, fmt.Errorf("account %s is not among the %d that are configured and active", id, len(all)))
			continue
		}
		some = append(some, all[i])
	}
	return some, errors.Join(errs...)
}

// regions returns the regions that a request names, the configured ones, or the home
// region.
func (r *Runner) regions(q Request) ([]string, error) {
	for _, regions := range [][]string{q.Regions, r.Settings.Regions} {
		if len(regions) > 0 {
			return regions, nil
		}
	}
	if r.AWS.Region == "" {
		return nil, errors.New("no region to read: set POLO_REGIONS or AWS_REGION")
	}
	return []string{r.AWS.Region}, nil
}
