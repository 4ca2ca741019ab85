package awsaccounts_test

import (
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"polo/internal/awsaccounts"
	"polo/internal/meter"
)

// One AssumeRole serves all regions of an account, concurrent callers included, and
// names the account and the run.
func TestOneAssumeRoleForAllRegions(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	s := sessions(t, c, nil)
	var m meter.Meter
	var wg sync.WaitGroup
	for _, account := range []string{"000000000001", "000000000002"} {
		for _, region := range []string{"us-east-1", "eu-west-1", "eu-central-1"} {
			wg.Go(func() {
				if err := describe(t, s, &m, account, region); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	if len(c.assumed) != 2 {
		t.Fatalf("%d AssumeRole for 2 accounts", len(c.assumed))
	}
	form := c.assumed[0]
	for field, want := range map[string]string{
		"ExternalId": "ext", "RoleSessionName": "polo-test", "DurationSeconds": "3600",
		"RoleArn": "arn:aws:iam::" + accountIn(form.Get("RoleArn")) + ":role/prod-PoloReadRole",
	} {
		if got := form.Get(field); got != want {
			t.Errorf("%s: %q, want %q", field, got, want)
		}
	}
	slices.Sort(c.keys)
	want := []string{
		"KEY000000000001 eu-central-1", "KEY000000000001 eu-west-1", "KEY000000000001 us-east-1",
		"KEY000000000002 eu-central-1", "KEY000000000002 eu-west-1", "KEY000000000002 us-east-1",
	}
	if diff := cmp.Diff(want, c.keys); diff != "" {
		t.Errorf("keys that EC2 was asked with (-want +got):\n%s", diff)
	}
	if got, want := m.Counts(), (meter.Counts{Requests: 6 + 2}); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
}

// A refused role is tried once, however many regions and calls want it, and again after
// a minute.
func TestRefusedRole(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.denied = "000000000001"
	now := time.Now()
	s := sessions(t, c, func(cfg *awsaccounts.Config) { cfg.Now = func() time.Time { return now } })
	for _, region := range []string{"us-east-1", "eu-west-1", "us-east-1"} {
		err := describe(t, s, nil, c.denied, region)
		var coded smithy.APIError
		if !errors.As(err, &coded) || coded.ErrorCode() != "AccessDenied" || !strings.Contains(err.Error(), "role/prod-PoloReadRole") {
			t.Errorf("%s: %v", region, err)
		}
	}
	if len(c.assumed) != 1 || len(c.keys) != 0 {
		t.Errorf("%d AssumeRole, %d requests of EC2", len(c.assumed), len(c.keys))
	}
	now = now.Add(2 * time.Minute)
	c.denied = ""
	if err := describe(t, s, nil, "000000000001", "us-east-1"); err != nil {
		t.Errorf("once it is allowed: %v", err)
	}
}

func TestOwnAccount(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	s := sessions(t, c, func(cfg *awsaccounts.Config) { cfg.OwnAccount = "000000000001" })
	for account, key := range map[string]string{"000000000001": "OWN", "000000000002": "KEY000000000002"} {
		c.keys = nil
		if err := describe(t, s, nil, account, ""); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{key + " us-east-1"}, c.keys); diff != "" {
			t.Errorf("%s: %s", account, diff)
		}
	}
	if _, err := s.Config(t.Context(), "", "us-east-1"); err == nil {
		t.Error("no account was an account")
	}
	alone := sessions(t, c, func(cfg *awsaccounts.Config) { cfg.OwnAccount, cfg.Role = "000000000001", "" })
	if err := describe(t, alone, nil, "000000000001", ""); err != nil {
		t.Errorf("without a role, the own account: %v", err)
	}
	if err := describe(t, alone, nil, "000000000002", ""); err == nil {
		t.Error("without a role, another account was read")
	}
}

// Each partition has its own roles and STS.
func TestPartitions(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"eu-west-1": "arn:aws:iam::000000000001:role/prod-PoloReadRole", "cn-north-1": "arn:aws-cn:iam::000000000001:role/prod-PoloReadRole",
		"us-gov-west-1": "arn:aws-us-gov:iam::000000000001:role/prod-PoloReadRole",
	} {
		c := newCloud(t)
		if err := describe(t, sessions(t, c, nil), nil, "000000000001", region); err != nil {
			t.Errorf("%s: %v", region, err)
		} else if got := c.assumed[0].Get("RoleArn"); got != want {
			t.Errorf("%s: %s, want %s", region, got, want)
		}
	}
}

// Every try, throttle and retry is counted.
func TestTriesAreCounted(t *testing.T) {
	t.Parallel()
	refuse := func(status int, code string, times int) func(http.ResponseWriter, int) {
		return func(w http.ResponseWriter, n int) {
			if n > times {
				_, _ = w.Write([]byte(`<DescribeVpcsResponse><vpcSet/></DescribeVpcsResponse>`))
				return
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(`<Response><Errors><Error><Code>` + code + `</Code><Message>no</Message></Error></Errors></Response>`))
		}
	}
	for _, tc := range []struct {
		name   string
		ec2    func(http.ResponseWriter, int)
		want   meter.Counts
		fails  bool
		within time.Duration
	}{
		{name: "at once", ec2: refuse(0, "", 0), want: meter.Counts{Requests: 1}},
		{name: "throttled once, as EC2 says it", ec2: refuse(503, "RequestLimitExceeded", 1), want: meter.Counts{Requests: 2, Retries: 1, Throttles: 1}},
		{name: "throttled once, with a 400", ec2: refuse(400, "Throttling", 1), want: meter.Counts{Requests: 2, Retries: 1, Throttles: 1}},
		{name: "out of order", ec2: refuse(500, "InternalError", 1), want: meter.Counts{Requests: 2, Retries: 1}},
		{name: "denied", ec2: refuse(403, "UnauthorizedOperation", 9), want: meter.Counts{Requests: 1}, fails: true},
		{name: "throttled throughout", ec2: refuse(503, "RequestLimitExceeded", 99), want: meter.Counts{Requests: 5, Retries: 4, Throttles: 5}, fails: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t)
			c.ec2 = tc.ec2
			var m meter.Meter
			err := describe(t, sessions(t, c, func(cfg *awsaccounts.Config) { cfg.OwnAccount = "000000000001" }), &m, "000000000001", "eu-west-1")
			if (err != nil) != tc.fails {
				t.Errorf("error %v", err)
			}
			if got := m.Counts(); got != tc.want {
				t.Errorf("counted %+v, want %+v", got, tc.want)
			}
		})
	}
}

// A region that hangs costs each worker one wait; after that its calls fail at once.
// Other regions are unaffected. Once it answers, it is used again.
func TestDeadRegion(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		die  func(w http.ResponseWriter)
	}{
		{"hangs", func(w http.ResponseWriter) { time.Sleep(1500 * time.Millisecond) }},
		{"closes the connection", func(w http.ResponseWriter) {
			if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
				_ = conn.Close()
			}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t)
			var mu sync.Mutex
			now, dead := time.Now(), true
			c.ec2 = func(w http.ResponseWriter, n int) {
				c.mu.Lock()
				region := strings.Fields(c.keys[n-1])[1]
				c.mu.Unlock()
				mu.Lock()
				die := dead && region == "eu-west-1"
				mu.Unlock()
				if die {
					tc.die(w)
					return
				}
				_, _ = w.Write([]byte(`<DescribeVpcsResponse><vpcSet/></DescribeVpcsResponse>`))
			}
			s := sessions(t, c, func(cfg *awsaccounts.Config) {
				cfg.OwnAccount, cfg.Timeouts = "000000000001", awsaccounts.Timeouts{Answer: 500 * time.Millisecond}
				cfg.Now = func() time.Time {
					mu.Lock()
					defer mu.Unlock()
					return now
				}
			})
			var m meter.Meter
			for i := range 20 {
				err := describe(t, s, &m, "000000000001", "eu-west-1")
				var network net.Error
				var down *awsaccounts.UnreachableError
				if !errors.As(err, &network) || !errors.As(err, &down) {
					t.Fatalf("call %d: %v", i, err)
				}
			}
			if got := m.Counts().Requests; got != 3 {
				t.Errorf("%d requests were sent to a dead region, want 3", got)
			}
			if err := describe(t, s, nil, "000000000001", "us-east-1"); err != nil {
				t.Errorf("another region: %v", err)
			}
			mu.Lock()
			now, dead = now.Add(time.Minute), false
			mu.Unlock()
			if err := describe(t, s, nil, "000000000001", "eu-west-1"); err != nil {
				t.Errorf("once it answers: %v", err)
			}
		})
	}
}

// An endpoint that answered a moment ago counts as slow, not down.
func TestSlowRegionIsNotDead(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.ec2 = func(w http.ResponseWriter, n int) {
		if n > 1 && n <= 4 {
			time.Sleep(time.Second)
		}
		_, _ = w.Write([]byte(`<DescribeVpcsResponse><vpcSet/></DescribeVpcsResponse>`))
	}
	s := sessions(t, c, func(cfg *awsaccounts.Config) {
		cfg.OwnAccount, cfg.Timeouts = "000000000001", awsaccounts.Timeouts{Answer: 400 * time.Millisecond}
	})
	for i := range 2 {
		if err := describe(t, s, nil, "000000000001", "eu-west-1"); err != nil {
			t.Errorf("call %d: %v", i, err)
		}
	}
}

// An account that is throttled throughout costs a bounded number of tries, not five for
// each call.
func TestRetriesAreBounded(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.ec2 = func(w http.ResponseWriter, _ int) {
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = w.Write([]byte(`<Response><Errors><Error><Code>InternalError</Code><Message>no</Message></Error></Errors></Response>`))
	}
	cfg, err := sessions(t, c, func(cfg *awsaccounts.Config) { cfg.OwnAccount = "000000000001" }).Config(t.Context(), "000000000001", "eu-west-1")
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		// Each call uses its own client, as some collectors do.
		_, err := ec2.NewFromConfig(cfg).DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{})
		var coded smithy.APIError
		if !errors.As(err, &coded) || coded.ErrorCode() != "InternalError" {
			t.Fatalf("error %v", err)
		}
	}
	if len(c.keys) != 20+10 {
		t.Errorf("%d tries of 20 calls, want 30", len(c.keys))
	}
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	_, err := awsaccounts.NewSessions(awsaccounts.Config{Role: "no such/ role"})
	for _, want := range []string{"credentials", "region", "no such/ role"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not mention %s", err, want)
		}
	}
}

func TestSessionName(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))
	for source, want := range map[string]string{
		"aws.ec2":                  "polo-aws.ec2-20260102T020405Z",
		"aws/ec2 ü":                "polo-aws_ec2__-20260102T020405Z",
		strings.Repeat("long", 20): "polo-" + strings.Repeat("long", 10) + "lo-20260102T020405Z",
	} {
		if got := awsaccounts.SessionName(source, at); got != want || len(got) > 64 {
			t.Errorf("%s: %q, want %q", source, got, want)
		}
	}
}
