package queue_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/internal/queue"
)

// script is a Sender with scripted answers by message body. After the last one it
// acknowledges everything.
type script struct {
	limits queue.Limits
	lines  []map[string]error
	// whole is the error for every message of the nth call.
	whole map[int]error
	calls [][]string
	at    []time.Time
	hook  func()
}

func (s *script) Limits() queue.Limits { return s.limits }

func (s *script) SendBatch(_ context.Context, batch []queue.Outgoing) []error {
	n := len(s.calls)
	var call []string
	errs := make([]error, len(batch))
	for i, m := range batch {
		call = append(call, m.Body)
		if n < len(s.lines) {
			errs[i] = s.lines[n][m.Body]
		}
		if s.whole[n] != nil {
			errs[i] = s.whole[n]
		}
	}
	s.calls, s.at = append(s.calls, call), append(s.at, time.Now())
	if s.hook != nil {
		s.hook()
	}
	return errs
}

var (
	limits       = queue.Limits{MaxEntries: 3, MaxBytes: 10, MaxMessage: 6}
	errThrottled = fmt.Errorf("throttled: %w", queue.ErrTransient)
	errDenied    = errors.New("denied")
	errRefused   = fmt.Errorf("no: %w", queue.ErrRefused)
)

func outgoing(bodies ...string) []queue.Outgoing {
	var out []queue.Outgoing
	for _, b := range bodies {
		out = append(out, queue.Outgoing{Body: b})
	}
	return out
}

func TestSendAll(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		bodies []string
		lines  []map[string]error
		whole  map[int]error
		calls  [][]string
		// failed maps the index of a failed message to whether its failure is
		// permanent.
		failed map[int]bool
		is     error
	}{
		"nothing": {},
		"split by count": {
			bodies: []string{"a", "b", "c", "d"},
			calls:  [][]string{{"a", "b", "c"}, {"d"}},
		},
		"split by bytes": {
			bodies: []string{"aaaaaa", "bbbb", "c", "dddddd", "eeeee"},
			calls:  [][]string{{"aaaaaa", "bbbb"}, {"c", "dddddd"}, {"eeeee"}},
		},
		"only failed entries again": {
			bodies: []string{"a", "b", "c"},
			lines:  []map[string]error{{"b": errThrottled}, {"b": errThrottled}},
			calls:  [][]string{{"a", "b", "c"}, {"b"}, {"b"}},
		},
		"fresh ones first while there is progress": {
			bodies: []string{"a", "b", "c", "d", "e", "f"},
			lines:  []map[string]error{{"a": errThrottled}, {"d": errThrottled}},
			calls:  [][]string{{"a", "b", "c"}, {"d", "e", "f"}, {"a", "d"}},
		},
		"a batch without progress waits": {
			bodies: []string{"a", "b", "c", "d"},
			whole:  map[int]error{0: errThrottled},
			calls:  [][]string{{"a", "b", "c"}, {"d", "a", "b"}, {"c"}},
		},
		"permanent entries are not retried": {
			bodies: []string{"a", "b", "c"},
			lines:  []map[string]error{{"b": errDenied, "c": errThrottled}},
			calls:  [][]string{{"a", "b", "c"}, {"c"}},
			failed: map[int]bool{1: true}, is: errDenied,
		},
		"refused as a whole, so one by one": {
			bodies: []string{"a", "b", "c", "d"},
			lines:  []map[string]error{1: {}, 2: {"b": errRefused}, 4: {}},
			whole:  map[int]error{0: errRefused},
			calls:  [][]string{{"a", "b", "c"}, {"a"}, {"b"}, {"c"}, {"d"}},
			failed: map[int]bool{1: true}, is: queue.ErrRefused,
		},
		"denied as a whole": {
			bodies: []string{"a", "b", "c"},
			whole:  map[int]error{0: errDenied},
			calls:  [][]string{{"a", "b", "c"}},
			failed: map[int]bool{0: true, 1: true, 2: true}, is: errDenied,
		},
		"too large alone": {
			bodies: []string{"a", "bbbbbbb", "c"},
			calls:  [][]string{{"a", "c"}},
			failed: map[int]bool{1: true}, is: queue.ErrTooLarge,
		},
		"not text, and indexes beyond it": {
			bodies: []string{"\x00", "b", "", "d"},
			lines:  []map[string]error{{"d": errDenied}},
			calls:  [][]string{{"b", "d"}},
			failed: map[int]bool{0: true, 2: true, 3: true}, is: queue.ErrNotText,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &script{limits: limits, lines: tt.lines, whole: tt.whole}
				err := queue.SendAll(t.Context(), s, outgoing(tt.bodies...), queue.Retry{})
				if d := cmp.Diff(tt.calls, s.calls); d != "" {
					t.Errorf("calls (-want +got):\n%s", d)
				}
				if d := cmp.Diff(tt.failed, failures(t, err)); d != "" {
					t.Errorf("failed (-want +got):\n%s", d)
				}
				if tt.is != nil && !errors.Is(err, tt.is) {
					t.Errorf("error is %v", err)
				}
			})
		})
	}
}

func failures(t *testing.T, err error) map[int]bool {
	t.Helper()
	if err == nil {
		return nil
	}
	var failed *queue.SendError
	if !errors.As(err, &failed) {
		t.Fatalf("error is %T: %v", err, err)
	}
	got := make(map[int]bool)
	for _, f := range failed.Failed {
		got[f.Index] = f.Permanent
	}
	return got
}

func TestSendAllWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{limits: limits, whole: map[int]error{0: errThrottled, 1: errThrottled, 2: errThrottled, 3: errThrottled}}
		policy := queue.Retry{Initial: time.Second, Max: 4 * time.Second}
		if err := queue.SendAll(t.Context(), s, outgoing("a"), policy); err != nil {
			t.Fatal(err)
		}
		for i, base := range []time.Duration{1, 2, 4, 4} {
			base *= time.Second
			if wait := s.at[i+1].Sub(s.at[i]); wait < base/2 || wait > base*3/2+1 {
				t.Errorf("wait %d is %v, want about %v", i, wait, base)
			}
		}
	})
}

func TestSendAllRunsOut(t *testing.T) {
	t.Parallel()
	forever := map[int]error{}
	for i := range 1000 {
		forever[i] = errThrottled
	}
	t.Run("time", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := &script{limits: limits, whole: forever}
			start := time.Now()
			err := queue.SendAll(t.Context(), s, outgoing("a", "b", "c", "d"), queue.Retry{MaxElapsed: 30 * time.Second})
			if took := time.Since(start); took < 10*time.Second || took > 30*time.Second {
				t.Errorf("gave up after %v", took)
			}
			want := map[int]bool{0: false, 1: false, 2: false, 3: false}
			if d := cmp.Diff(want, failures(t, err)); d != "" || !errors.Is(err, queue.ErrTransient) {
				t.Errorf("error %v, failed (-want +got):\n%s", err, d)
			}
		})
	})
	t.Run("context", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			s := &script{limits: limits, whole: forever}
			start := time.Now()
			err := queue.SendAll(ctx, s, outgoing("a"), queue.Retry{MaxElapsed: -1})
			if took := time.Since(start); took != 5*time.Second {
				t.Errorf("gave up after %v", took)
			}
			if d := cmp.Diff(map[int]bool{0: false}, failures(t, err)); d != "" ||
				!errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, queue.ErrTransient) {
				t.Errorf("error %v, failed (-want +got):\n%s", err, d)
			}
		})
	})
	t.Run("context between batches", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s := &script{limits: limits, hook: cancel}
		err := queue.SendAll(ctx, s, outgoing("a", "b", "c", "d"), queue.Retry{})
		if d := cmp.Diff(map[int]bool{3: false}, failures(t, err)); d != "" || !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, failed (-want +got):\n%s", err, d)
		}
	})
	t.Run("not while there is progress", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			// One message succeeds per call, a call about every 4 s.
			s := &script{limits: limits}
			var bodies []string
			for i := range 30 {
				bodies = append(bodies, string(rune('a'+i)))
			}
			slow := &slowSender{script: s}
			err := queue.SendAll(t.Context(), slow, outgoing(bodies...), queue.Retry{MaxElapsed: 20 * time.Second})
			if err != nil {
				t.Error(err)
			}
		})
	})
}

// slowSender takes 4 s to accept one message of each batch.
type slowSender struct{ *script }

func (s *slowSender) SendBatch(ctx context.Context, batch []queue.Outgoing) []error {
	time.Sleep(4 * time.Second)
	errs := s.script.SendBatch(ctx, batch)
	for i := 1; i < len(errs); i++ {
		errs[i] = errThrottled
	}
	return errs
}

// receipts is a Receiver that only implements DeleteBatch and ExtendBatch.
type receipts struct {
	queue.Receiver
	calls  [][]string
	extend time.Duration
	fail   map[string]error
}

func (r *receipts) DeleteBatch(_ context.Context, batch []string) []error {
	r.calls = append(r.calls, batch)
	errs := make([]error, len(batch))
	for i, receipt := range batch {
		errs[i] = r.fail[receipt]
		if errors.Is(errs[i], queue.ErrTransient) {
			delete(r.fail, receipt)
		}
	}
	return errs
}

func (r *receipts) ExtendBatch(ctx context.Context, batch []string, d time.Duration) []error {
	r.extend = d
	return r.DeleteBatch(ctx, batch)
}

func TestReceiptsAll(t *testing.T) {
	t.Parallel()
	names := strings.Split("a b c d e f g h i j k", " ")
	want := [][]string{names[:10], {"k"}, {"c"}}
	calls := map[string]func(context.Context, *receipts) error{
		"delete": func(ctx context.Context, r *receipts) error {
			return queue.DeleteAll(ctx, r, names, queue.Retry{})
		},
		"extend": func(ctx context.Context, r *receipts) error {
			err := queue.ExtendAll(ctx, r, names, time.Minute, queue.Retry{})
			if r.extend != time.Minute {
				return fmt.Errorf("extended by %v", r.extend)
			}
			return err
		},
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := &receipts{fail: map[string]error{"c": errThrottled, "d": queue.ErrReceipt}}
				err := call(t.Context(), r)
				if d := cmp.Diff(map[int]bool{3: true}, failures(t, err)); d != "" || !errors.Is(err, queue.ErrReceipt) {
					t.Errorf("error %v, failed (-want +got):\n%s", err, d)
				}
				if d := cmp.Diff(want, r.calls); d != "" {
					t.Errorf("calls (-want +got):\n%s", d)
				}
			})
		})
	}
}
