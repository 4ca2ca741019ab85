package collect_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/producers/collect"
)

func TestParseRequest(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		name, text string
		want       collect.Request
		says       string
	}{
		{name: "Scheduler", text: `{"scheduled":"2026-01-02T03:00:00Z"}`, want: collect.Request{Scheduled: at}},
		{name: "another zone", text: `{"scheduled":"2026-01-02T04:00:00+01:00"}`, want: collect.Request{Scheduled: at}},
		{
			name: "a backfill of a part", text: `{"scheduled":"2026-01-02T03:00:00Z","account":"000011112222, 111122223333","region":"eu-west-1","from":"2026-01-01","to":"2026-01-02T03:00:00Z"}`,
			want: collect.Request{
				Scheduled: at, Accounts: []string{"000011112222", "111122223333"}, Regions: []string{"eu-west-1"}, From: at.Add(-27 * time.Hour), To: at,
			},
		},
		{
			name: "a rule's event: its account and region are its own",
			text: `{"version":"0","id":"x","detail-type":"Scheduled Event","source":"aws.events","account":"999988887777","time":"2026-01-02T03:00:00Z","region":"us-west-2","resources":["arn"],"detail":{}}`,
			want: collect.Request{Scheduled: at},
		},
		{
			name: "a rule's event with a detail", text: `{"detail-type":"Collect","account":"999988887777","time":"2026-01-02T03:00:00Z","region":"us-west-2","detail":{"account":"000011112222"}}`,
			want: collect.Request{Scheduled: at, Accounts: []string{"000011112222"}},
		},
		{name: "time alone", text: `{"time":"2026-01-02T03:00:00Z"}`, want: collect.Request{Scheduled: at}},
		{name: "nothing", text: `{}`},
		{name: "not JSON", text: `now`, says: "reading the request"},
		{name: "a placeholder that was not filled in", text: `{"scheduled":"<aws.scheduler.scheduled-time>"}`, says: "scheduled"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := collect.ParseRequest([]byte(tc.text))
			if (err != nil) != (tc.says != "") || err != nil && !strings.Contains(err.Error(), tc.says) {
				t.Fatalf("error %v", err)
			}
			if diff := cmp.Diff(tc.want, got); err == nil && diff != "" {
				t.Error(diff)
			}
		})
	}
}
