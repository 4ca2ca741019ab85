package cur_test

import (
	"strings"
	"testing"

	"polo/producers/cur"
)

func TestSniff(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, head string
		want       bool
	}{
		{"a.csv", cur1(), true},
		{"a", focus(), true},
		{"a.txt", "\xef\xbb\xbf\n" + strings.ReplaceAll(focus(), "\n", "\r\n"), true},
		{"a.csv", strings.SplitAfter(cur1(), "\n")[0], true},
		{"a.csv", strings.ReplaceAll(cur1(), `","`, `";"`), true},
		{"a.csv.gz", zipped(t, cur1()), true},
		{"a.csv.gz", zipped(t, cur1())[:120], true},
		{"a.csv.gz", zipped(t, "x,y\n1,2\n"), false},
		{"a.parquet", "PAR1\x15\x04", true},
		{"a.zip", "PK\x03\x04" + strings.Repeat("\x00", 22) + "\x05\x00\x00\x00a.csv", true},
		{"a.zip", "PK\x03\x04" + strings.Repeat("\x00", 22) + "\x05\x00\x00\x00a.txt", false},
		{"a.zip", "PK\x03\x04", false},
		{"r-Manifest.json", `{"assemblyId":"x","reportKeys":[]}`, true},
		{"trail.json", `{"Records":[]}`, false},
		{"trail.json", `{"assemblyId":"x"}`, false},
		{"a.csv", "x,y\n1,2\n", false},
		{"a.csv", "", false},
		{"a.gz", "\x1f\x8b", false},
	} {
		if got := cur.Sniff(tc.name, []byte(tc.head)); got != tc.want {
			t.Errorf("Sniff(%s, %.40q) = %t", tc.name, tc.head, got)
		}
	}
}
