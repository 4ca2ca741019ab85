package clickhouse_test

import (
	"context"
	"errors"
	"testing"

	sink "polo/internal/clickhouse"
	"polo/local/chdb"
)

// rotating is a secret whose cached value is outdated.
type rotating struct {
	known, current string
	err            error
	refreshed      int
}

func (r *rotating) Value(context.Context) (string, error) { return r.known, r.err }

func (r *rotating) Refresh(context.Context) (string, error) {
	r.refreshed++
	r.known = r.current
	return r.known, r.err
}

// A rotated password is fetched again when the old one is refused. An unknown password
// is an outage, which ends when it is known.
func TestSinkReadsARotatedPassword(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	right := s.Endpoints.Users.Writer.Password
	for name, c := range map[string]struct {
		secret    rotating
		outage    bool
		refreshed int
	}{
		"known":              {rotating{known: right, current: right}, false, 0},
		"rotated":            {rotating{known: "old", current: right}, false, 1},
		"wrong":              {rotating{known: "old", current: "old"}, true, 1},
		"rotated to another": {rotating{known: "old", current: "older"}, true, 1},
		"not to be read":     {rotating{err: errors.New("denied")}, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := sink.NewSink(sink.Config{Addr: s.Endpoints.ClickHouseTCP, Database: chdb.Database, User: s.Endpoints.Users.Writer.Name, Secret: &c.secret})
			t.Cleanup(func() {
				if err := out.Close(); err != nil {
					t.Error(err)
				}
			})
			err := out.Ping(t.Context())
			if errors.Is(err, sink.ErrUnavailable) != c.outage || (err == nil) == c.outage || c.secret.refreshed != c.refreshed {
				t.Errorf("after %d refreshings: %v", c.secret.refreshed, err)
			}
		})
	}
}
