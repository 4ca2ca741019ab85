package envelope_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"polo/envelope"
)

// The vectors of FORMAT.md never change.
func TestNewEventIDVectors(t *testing.T) {
	t.Parallel()
	ts := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	for _, tc := range []struct {
		name, source string
		ts           time.Time
		identity     []string
		want         string
	}{
		{"one part", "aws.cloudtrail", ts, []string{"b9c3d881"}, "9b2158c0-8c21-5b23-b227-521f3032ba5a"},
		{"two parts", "aws.cur", time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), []string{"line-1", "2026-02"}, "f4b295c4-8a0c-5a30-a4da-db74f24e69ff"},
		{"no part", "github", ts, nil, "23132b23-2be1-55cf-b068-10df024760f1"},
		{"before 1970, beyond ASCII", "github", time.Date(1969, 12, 31, 23, 59, 59, 0, time.UTC), []string{"\u00fc"}, "5a157025-6f46-5c7d-bd87-d5fe3d6820dc"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := envelope.NewEventID(tc.source, tc.ts, tc.identity...)
			if got.String() != tc.want {
				t.Errorf("got %s", got)
			}
			if got.Version() != 5 || got.Variant() != uuid.RFC4122 {
				t.Errorf("version %d, variant %s", got.Version(), got.Variant())
			}
			documented(t, tc.want)
		})
	}
}

func TestNewEventIDTime(t *testing.T) {
	t.Parallel()
	ts := time.Date(2026, 1, 2, 3, 4, 5, 678_900_000, time.UTC)
	id := envelope.NewEventID("s", ts, "x")
	if got := envelope.NewEventID("s", ts.In(time.FixedZone("", 7200)).Truncate(time.Millisecond), "x"); got != id {
		t.Error("the time zone or a fraction of a millisecond changes the id")
	}
	if got := envelope.NewEventID("s", ts.Add(time.Millisecond), "x"); got == id {
		t.Error("another millisecond makes the same id")
	}
}

// However a text is split into source and parts, the id differs.
func TestNewEventIDParts(t *testing.T) {
	t.Parallel()
	const text = "a\x00b|c\x00\x00\x00\x01d"
	seen := make(map[uuid.UUID][]string)
	var cut func(parts []string, rest string)
	cut = func(parts []string, rest string) {
		if rest == "" {
			id := envelope.NewEventID(parts[0], time.Time{}, parts[1:]...)
			if other, found := seen[id]; found {
				t.Errorf("%q and %q have one id", other, parts)
			}
			seen[id] = append([]string(nil), parts...)
			return
		}
		for i := 1; i <= len(rest); i++ {
			cut(append(parts, rest[:i]), rest[i:])
		}
	}
	cut(nil, text)
	if want := 1 << (len(text) - 1); len(seen) != want {
		t.Errorf("%d ids for %d ways to cut", len(seen), want)
	}
	for _, parts := range [][]string{nil, {""}, {"", ""}, {strings.Repeat("\x00", 4)}} {
		id := envelope.NewEventID("s", time.Time{}, parts...)
		if other, found := seen[id]; found {
			t.Errorf("%q and %q have one id", other, parts)
		}
		seen[id] = parts
	}
}
