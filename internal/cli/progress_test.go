package cli_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"polo/internal/cli"
)

// Progress is only for a person, and leaves nothing behind.
func TestProgress(t *testing.T) {
	t.Parallel()
	for _, person := range []bool{true, false} {
		var out bytes.Buffer
		s := cli.NewStreams(nil, &out, &out)
		s.Person = person
		p := cli.NewProgress(s)
		told := make(chan struct{}, 100)
		p.Every(func() string {
			told <- struct{}{}
			return "42% read"
		})
		if person {
			<-told
			<-told // the first line is shown
		} else {
			time.Sleep(300 * time.Millisecond)
		}
		p.Stop()
		p.Stop()
		p.Show("after the end")
		if got := out.String(); person != strings.Contains(got, "42% read") || person != strings.HasSuffix(got, "\r\x1b[K") || strings.Contains(got, "after") {
			t.Errorf("a person reads: %v; written: %q", person, got)
		}
	}
}
