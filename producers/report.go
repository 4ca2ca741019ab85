package producers

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"polo/envelope"
)

// TypeRunFinished is the type of the event about a whole run.
const TypeRunFinished = "run.finished"

// publishResults publishes the completions, once everything they cover is acknowledged,
// the gaps and the end of the run.
func (r *run) publishResults(ctx context.Context, observed, began time.Time, scopes []Scope) error {
	if err := r.cfg.Emitter.Flush(ctx); err != nil {
		return err
	}
	r.summary.Completions = len(r.completions)
	for _, c := range r.completions {
		if err := r.cfg.Emitter.Emit(ctx, r.completed(c, observed)); err != nil {
			return err
		}
	}
	for _, g := range r.summary.Gaps {
		if err := r.cfg.Emitter.Emit(ctx, r.gap(g, observed)); err != nil {
			return err
		}
	}
	r.summary.Events += int64(len(r.completions) + len(r.summary.Gaps))
	if r.cfg.Recorded {
		return r.cfg.Emitter.Flush(ctx)
	}
	r.summary.Events++
	if err := r.cfg.Emitter.Emit(ctx, r.finished(observed, began, scopes)); err != nil {
		return err
	}
	return r.cfg.Emitter.Flush(ctx)
}

func (r *run) completed(c completion, observed time.Time) envelope.ResourceEvent {
	e := r.event(envelope.TypeScanCompleted, observed)
	e.AccountID, e.AccountRole, e.Region, e.ResourceType = c.accountID, r.roles[c.accountID], c.region, c.resourceType
	if c.isBill() {
		c.bill.describe(&e)
		return e
	}
	identity := []string{"scan", c.accountID, c.region, c.resourceType, c.to.Format(time.RFC3339)}
	if !c.from.IsZero() {
		e.TS, e.PeriodEnd = c.from, c.to
		// A later run over the same days must not replace this completion before its
		// own lines have arrived.
		identity = append(identity, r.cfg.Scheduled.Format(time.RFC3339Nano))
	}
	e.Properties.Set(envelope.PropEvents, strconv.Itoa(r.emitted.of(c, e.Source)))
	e.EventID = envelope.NewEventID(e.Source, e.TS, identity...)
	return e
}

func (r *run) gap(g Gap, observed time.Time) envelope.ResourceEvent {
	e := r.event(envelope.TypeScanIncomplete, observed)
	e.AccountID, e.AccountRole, e.Region, e.ResourceType = g.AccountID, r.roles[g.AccountID], g.Region, clip(g.What)
	e.State, e.ErrorCode = string(g.Reason), clip(g.Code)
	e.Properties = envelope.PairsOf(map[string]string{"error": clip(g.Error)})
	e.EventID = envelope.NewEventID(e.Source, e.TS, "gap", g.AccountID, g.Region, g.What)
	if g.bill != nil {
		g.bill.describe(&e)
	}
	return e
}

// clip bounds an untrusted text and makes it valid, so that the event about a gap is
// never rejected for its text.
func clip(s string) string {
	const most = 500
	if len(s) > most {
		end := most
		for end > most-utf8.UTFMax && !utf8.RuneStart(s[end]) {
			end--
		}
		s = s[:end]
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

func (r *run) finished(observed, began time.Time, scopes []Scope) envelope.ResourceEvent {
	e := r.event(TypeRunFinished, observed)
	s, c := r.summary, r.meter.Counts()
	e.State = "complete"
	if len(s.Gaps) > 0 {
		e.State = "with_gaps"
	}
	reasons := map[GapReason]int{}
	for _, g := range s.Gaps {
		reasons[g.Reason]++
	}
	byReason, err := json.Marshal(reasons)
	if err != nil {
		byReason = nil // cannot happen: words and numbers always encode
	}
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	e.Properties = envelope.PairsOf(map[string]string{
		"scopes": number(int64(s.Scopes)), "scopes_read": number(int64(s.Read)), "scopes_unread": number(int64(s.Unread)),
		"events": number(s.Events), "rejected": number(s.Rejected), "completions": number(int64(s.Completions)), "gaps": number(int64(len(s.Gaps))), "gaps_by_reason": string(byReason),
		"requests": number(c.Requests), "retries": number(c.Retries), "throttles": number(c.Throttles), "pages": number(c.Pages),
		"cost_usd":     strconv.FormatFloat(float64(c.CostMicros)/1e6, 'f', -1, 64),
		"milliseconds": number(r.cfg.Now().Sub(began).Milliseconds()),
	})
	// A run over some accounts differs from a run over all at the same time.
	e.EventID = envelope.NewEventID(e.Source, e.TS, "run", names(scopes))
	return e
}

// names returns the scopes' accounts and regions, in order.
func names(scopes []Scope) string {
	all := make([]string, len(scopes))
	for i, s := range scopes {
		all[i] = s.Account.ID + " " + s.Region
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// event returns an event with what all events about a run share.
func (r *run) event(eventType string, observed time.Time) envelope.ResourceEvent {
	return envelope.ResourceEvent{EventType: eventType, Source: r.summary.Source, Platform: PlatformOf(r.summary.Source), TS: r.cfg.Scheduled, ObservedAt: observed}
}

// GapMessage is the message of the log entry about a gap.
const GapMessage = "coverage gap"

// log logs one line about the run, and one for each gap.
func (r *run) log(ctx context.Context, err error) {
	s := r.summary
	for _, g := range s.Gaps {
		r.cfg.Logger.WarnContext(ctx, GapMessage, slog.String("source", s.Source), slog.String("account_id", g.AccountID), slog.String("region", g.Region),
			slog.String("what", g.What), slog.String("reason", string(g.Reason)), slog.String("code", g.Code))
	}
	level, text := slog.LevelInfo, ""
	if err != nil {
		level, text = slog.LevelError, err.Error()
	}
	r.cfg.Logger.LogAttrs(ctx, level, "run", slog.String("source", s.Source), slog.Time("scheduled", s.Scheduled), slog.Int("scopes", s.Scopes),
		slog.Int("read", s.Read), slog.Int("unread", s.Unread), slog.Int("gaps", len(s.Gaps)), slog.Int64("events", s.Events),
		slog.Int64("requests", s.Counts.Requests), slog.Int64("pages", s.Counts.Pages), slog.Int64("throttles", s.Counts.Throttles),
		slog.Int64("retries", s.Counts.Retries), slog.Int64("cost_micros", s.Counts.CostMicros), slog.Float64("seconds", s.Seconds), slog.String("error", text))
}
