package collect_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"

	"polo/internal/account"
	"polo/internal/httpsource"
	"polo/internal/queue"
	"polo/producers"
	"polo/producers/collect"
	"polo/producers/source"
)

// probe is a collector that records its scopes and window.
type probe struct {
	mu      sync.Mutex
	scopes  []string
	window  producers.Window
	collect func(ctx context.Context, s *producers.Scan) error
}

func (*probe) Source() string { return "aws.probe" }

func (*probe) Scopes(a []account.Account, regions []string) []producers.Scope {
	return producers.EachRegion(a, regions)
}

func (p *probe) Collect(ctx context.Context, s *producers.Scan) error {
	p.mu.Lock()
	p.scopes = append(p.scopes, s.Account.ID+" "+s.Account.Role+" "+s.Region)
	slices.Sort(p.scopes)
	p.window = s.Window
	p.mu.Unlock()
	if p.collect != nil {
		return p.collect(ctx, s)
	}
	s.Completed("probe:thing")
	return nil
}

func (p *probe) runner(t *testing.T, settings ...string) *collect.Runner {
	t.Helper()
	settings = append([]string{"POLO_ENV", "prod", "POLO_ACCOUNTS", "000000000001:a:dev,000000000002"}, settings...)
	s, err := collect.ReadSettings(env(settings...))
	if err != nil {
		t.Fatal(err)
	}
	return &collect.Runner{
		Source: source.Source{
			Name: "aws.probe", Period: time.Hour, Lookback: 10 * time.Minute, New: func(source.Deps) (producers.Collector, error) { return p, nil },
		},
		Settings: s, AWS: aws.Config{Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("k", "s", "")},
		Queue: nowhere{}, DeadLetter: nowhere{},
	}
}

// nowhere is a queue that acknowledges and drops everything.
type nowhere struct{}

func (nowhere) Limits() queue.Limits {
	return queue.Limits{MaxEntries: 10, MaxBytes: 1 << 20, MaxMessage: 1 << 20}
}

func (nowhere) SendBatch(context.Context, []queue.Outgoing) []error { return nil }

func TestRunner(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
	all := []string{"000000000001 dev us-east-1", "000000000002  us-east-1"}
	usual := producers.Window{From: at.Add(-70 * time.Minute), To: at}
	for _, tc := range []struct {
		name     string
		settings []string
		request  collect.Request
		scopes   []string
		window   producers.Window
		says     string
	}{
		{name: "as scheduled", request: collect.Request{Scheduled: at}, scopes: all, window: usual},
		{
			name: "another period and regions", settings: []string{"POLO_PERIOD", "2h", "POLO_LOOKBACK", "0s", "POLO_REGIONS", "eu-west-1"}, request: collect.Request{Scheduled: at},
			scopes: []string{"000000000001 dev eu-west-1", "000000000002  eu-west-1"}, window: producers.Window{From: at.Add(-2 * time.Hour), To: at},
		},
		{
			name: "a part", request: collect.Request{Scheduled: at, Accounts: []string{"000000000002"}, Regions: []string{"r1", "r2"}, From: at.Add(-time.Minute), To: at},
			scopes: []string{"000000000002  r1", "000000000002  r2"}, window: producers.Window{From: at.Add(-time.Minute), To: at},
		},
		{
			name: "configured roles", settings: []string{"POLO_ACCOUNT_ROLES", "000000000002=prod"}, request: collect.Request{Scheduled: at},
			scopes: []string{"000000000001 dev us-east-1", "000000000002 prod us-east-1"}, window: usual,
		},
		{name: "no scheduled time", says: "scheduled"},
		{name: "an unknown account", request: collect.Request{Scheduled: at, Accounts: []string{"000000000003"}}, says: "000000000003"},
		{name: "no accounts", settings: []string{"POLO_ACCOUNTS", ""}, request: collect.Request{Scheduled: at}, says: "POLO_ACCOUNTS"},
		{name: "half a window", request: collect.Request{Scheduled: at, From: at}, says: "together"},
		{name: "a window backwards", request: collect.Request{Scheduled: at, From: at, To: at.Add(-time.Hour)}, says: "before"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := &probe{}
			s, err := p.runner(t, tc.settings...).Run(t.Context(), tc.request)
			if (err != nil) != (tc.says != "") || err != nil && !strings.Contains(err.Error(), tc.says) {
				t.Fatalf("error %v", err)
			}
			if diff := cmp.Diff(tc.scopes, p.scopes); diff != "" {
				t.Errorf("scopes (-want +got):\n%s", diff)
			}
			if p.window != tc.window || s.Read != len(tc.scopes) {
				t.Errorf("window %v, want %v; summary %+v", p.window, tc.window, s)
			}
		})
	}
}

// The Lambda function fails if nothing at all was read, but not over a gap.
func TestHandle(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, tc := range []struct {
		name    string
		collect func(context.Context, *producers.Scan) error
		want    error
	}{
		{"all read", nil, nil},
		{"a type is missing everywhere", func(ctx context.Context, s *producers.Scan) error {
			s.Gap(ctx, "probe:other", broken)
			s.Completed("probe:thing")
			return nil
		}, nil},
		{"one account is missing", func(_ context.Context, s *producers.Scan) error {
			if s.Account.ID == "000000000001" {
				return broken
			}
			return nil
		}, nil},
		{"nothing read", func(context.Context, *producers.Scan) error { return broken }, collect.ErrNothingRead},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := &probe{collect: tc.collect}
			_, err := p.runner(t).Handle(t.Context(), []byte(`{"scheduled":"2026-01-02T03:00:00Z"}`))
			if !errors.Is(err, tc.want) || (err != nil) != (tc.want != nil) {
				t.Errorf("error %v, want %v", err, tc.want)
			}
		})
	}
}

// All missing settings are reported at once.
func TestFromEnvironmentSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	_, err := collect.FromEnvironment(t.Context(), source.Source{Name: "aws.probe"}, env("POLO_PERIOD", "soon"), nil)
	for _, name := range []string{"POLO_QUEUE", "POLO_DLQ", "POLO_ENV", "POLO_READ_ROLE", "POLO_PERIOD"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v does not name %s", err, name)
		}
	}
}

// A runner's cache reaches each run's collector.
func TestCacheOutlivesARun(t *testing.T) {
	t.Parallel()
	p := &probe{}
	r := p.runner(t)
	r.Cache = httpsource.NewCache(httpsource.CacheLimits{})
	var got []*httpsource.Cache
	r.Source.New = func(d source.Deps) (producers.Collector, error) { got = append(got, d.Cache); return p, nil }
	for range 2 {
		if _, err := r.Run(t.Context(), collect.Request{Scheduled: time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)}); err != nil {
			t.Fatal(err)
		}
	}
	if len(got) != 2 || got[0] != r.Cache || got[1] != r.Cache {
		t.Errorf("caches %v, not %p", got, r.Cache)
	}
}
