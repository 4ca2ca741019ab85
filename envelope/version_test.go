package envelope_test

import (
	"testing"
	"time"

	"polo/envelope"
)

func TestRowVersionOrder(t *testing.T) {
	t.Parallel()
	at := func(year int, ms int) time.Time {
		return time.Date(year, 1, 1, 0, 0, 0, ms*int(time.Millisecond), time.UTC)
	}
	// Of two consecutive times the later is greater, whatever the content.
	times := []time.Time{at(1970, 1), at(1971, 0), at(2026, 0), at(2026, 1), at(2026, 2), at(2108, 999), at(2109, 0)}
	contents := []string{"", "a", "b", "{}", "\x00\x00\x00\x00"}
	for i := 1; i < len(times); i++ {
		for _, a := range contents {
			for _, b := range contents {
				if envelope.RowVersion(times[i-1], []byte(a)) >= envelope.RowVersion(times[i], []byte(b)) {
					t.Errorf("%s with %q is not before %s with %q", times[i-1], a, times[i], b)
				}
			}
		}
	}
}

func TestRowVersionTie(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	a, b := envelope.RowVersion(now, []byte("a")), envelope.RowVersion(now.Add(999*time.Microsecond), []byte("b"))
	if a == b {
		t.Error("other content in the same millisecond has the same version")
	}
	if a>>22 != b>>22 {
		t.Error("a fraction of a millisecond changes the version")
	}
	if again := envelope.RowVersion(now, []byte("a")); again != a {
		t.Error("the same statement has two versions")
	}
}

func TestRowVersionVector(t *testing.T) {
	t.Parallel()
	// 1767225600000 << 22, and the upper 22 bits of CRC-32C("a") = 0xc1d04330.
	want := uint64(1767225600000)<<22 | 0xc1d04330>>10
	if got := envelope.RowVersion(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), []byte("a")); got != want {
		t.Errorf("got %d, want %d", got, want)
	}
}

// Times that the version cannot hold never wrap around.
func TestRowVersionOverflow(t *testing.T) {
	t.Parallel()
	now := envelope.RowVersion(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), nil)
	for _, year := range []int{2110, 2200, 9999, 200_000_000} {
		if envelope.RowVersion(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC), nil) <= now {
			t.Errorf("year %d is before now", year)
		}
	}
	for _, when := range []time.Time{{}, time.Date(1969, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(-5000, 1, 1, 0, 0, 0, 0, time.UTC)} {
		if v := envelope.RowVersion(when, nil); v >= 1<<22 {
			t.Errorf("%s has version %d", when, v)
		}
	}
}
