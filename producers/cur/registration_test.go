package cur_test

import (
	"strings"
	"testing"

	"polo/producers/cur"
)

func TestParseReports(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, text string
		n          int
		says       []string
	}{
		{name: "two", text: `[{"account":"000011112222","bucket":"s3://b?region=eu-west-1","prefix":"p","name":"n"},{"account":"111122223333","bucket":"file:///tmp/b"}]`, n: 2},
		{name: "not set", says: []string{"not set"}},
		{name: "none", text: `[]`, says: []string{"no report"}},
		{name: "an account without its zeros, and no URL", text: `[{"account":"11112222","bucket":"b"}]`, says: []string{"12 digits", "URL"}},
		{name: "a typing error", text: `[{"acount":"000011112222"}]`, says: []string{"acount"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := cur.ParseReports([]byte(tc.text))
			if (err != nil) != (len(tc.says) > 0) || err == nil && len(got) != tc.n {
				t.Fatalf("%d reports, error %v", len(got), err)
			}
			for _, want := range tc.says {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not mention %q", err, want)
				}
			}
		})
	}
}
