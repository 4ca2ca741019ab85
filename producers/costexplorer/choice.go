package costexplorer

import (
	"cmp"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/costexplorer/types"
	"github.com/google/uuid"

	"polo/envelope"
)

// UnknownPayer stands for the payer of recordings of which nobody says whose they are.
const UnknownPayer = "unknown"

// Choice decides from which of several recorded answers the costs of a day count. Each
// grouping tells the same money, so that of a payer's day one grouping alone is costs, and
// every other is a view. It is the one that was recorded last; of those of a quarter of an
// hour, or without a time, the one that the live collector prefers: by account and
// service, then by service, then any other grouping, then the total.
//
// Which counts follows from the answers alone, not from the order in which they come in:
// observed_at of a line is the recording's time and the grouping's rank, and a completion
// of each chosen day ends what any other grouping told of it, in this run or in another.
//
// An answer is chosen for the days that it tells whole. One that tells a part of a day is
// costs where no answer of the run tells the day whole, comes before none in rank, and
// ends nothing: of such are days of which hours are missing, answers whose last page is
// missing or of which a group was rejected, and those by resource, which the API tells of
// some services alone. Periods of several days are views and nothing else: what days add
// to them cannot be known.
//
// Every answer is noted first, then taken. The zero value is ready.
type Choice struct {
	keys map[answerKey]*answerKind
	// chosen is which kind of answer counts, by payer and day; set by the first Take.
	chosen map[payerDay]chosen
}

type payerDay struct {
	payer string
	day   time.Time
}

// answerKey is what two pages of one answer, and two recordings of one question, have in
// common.
type answerKey struct{ payer, granularity, groups, metric string }

// answerKind are the answers of one key.
type answerKind struct {
	answers []notedAnswer
	// truncated tells that one of them names a next page, ended that one does not.
	truncated, ended bool
}

type notedAnswer struct {
	observed time.Time
	seen     coverage
	// partial tells that what it tells of a day may not be all of it.
	partial bool
}

// chosen is the kind of answer that a payer's day counts from.
type chosen struct {
	key      answerKey
	whole    bool
	observed time.Time
	lines    map[uuid.UUID]struct{}
}

func (a chosen) compare(b chosen) int {
	switch {
	case a.whole != b.whole && a.whole:
		return 1
	case a.whole != b.whole:
		return -1
	}
	return cmp.Or(a.observed.Compare(b.observed), cmp.Compare(a.key.text(), b.key.text()))
}

// Note notes an answer.
func (c *Choice) Note(r Recording, got Recorded) {
	if c.keys == nil {
		c.keys = map[answerKey]*answerKind{}
	}
	k := keyOf(r, got)
	kind := c.keys[k]
	if kind == nil {
		kind = &answerKind{}
		c.keys[k] = kind
	}
	if len(got.Events) == 0 && len(got.GroupBy) == 0 {
		return // a total has a line
	}
	byResource := slices.ContainsFunc(got.GroupBy, func(g Group) bool { return g == dimension(dimResource) })
	a := notedAnswer{observedOf(r, got), coverage{}, len(got.Rejected) > 0 || byResource}
	for _, s := range got.Spans {
		if withinDay(s.From, s.To) {
			a.seen.add(period{s.From, s.To})
		}
	}
	kind.answers = append(kind.answers, a)
	kind.truncated, kind.ended = kind.truncated || got.Truncated, kind.ended || !got.Truncated
}

// Take is the events of an answer that was noted, those of days that count from another
// as a view's. views tells how many those are, and how many of them no chosen answer tells
// the day of.
func (c *Choice) Take(data []byte, r Recording) (got Recorded, views, uncounted int, err error) {
	if got, err = NormaliseRecording(data, r); err != nil {
		return got, 0, 0, err
	}
	if c.chosen == nil {
		c.choose()
	}
	k := keyOf(r, got)
	r.View = viewName(k)
	view, err := NormaliseRecording(data, r)
	if err != nil {
		return got, 0, 0, err
	}
	for i := range got.Events {
		e := &got.Events[i]
		best, ok := c.chosen[payerDay{k.payer, e.TS.Truncate(day)}]
		switch {
		case ok && best.key == k && withinDay(e.TS, e.PeriodEnd):
			best.lines[e.EventID] = struct{}{}
			if best.whole {
				e.ObservedAt = observedOf(r, got)
			}
		case !ok:
			uncounted++
			fallthrough
		default:
			views++
			*e = view.Events[i]
		}
		if r.Payer == "" {
			e.Properties.Set(envelope.PropPayerAccount, UnknownPayer)
		}
	}
	return got, views, uncounted, nil
}

// Completions end what other answers told of the chosen days.
func (c *Choice) Completions() []envelope.ResourceEvent {
	days := make([]payerDay, 0, len(c.chosen))
	for d, best := range c.chosen {
		if best.whole {
			days = append(days, d)
		}
	}
	slices.SortFunc(days, func(a, b payerDay) int { return cmp.Or(cmp.Compare(a.payer, b.payer), a.day.Compare(b.day)) })
	var all []envelope.ResourceEvent
	lines := 0
	for i, d := range days {
		best := c.chosen[d]
		if n := len(all); n > 0 && all[n-1].AccountID == d.payer && all[n-1].PeriodEnd.Equal(d.day) && c.chosen[days[i-1]].observed.Equal(best.observed) {
			all[n-1].PeriodEnd = d.day.Add(day)
		} else {
			lines = 0
			all = append(all, envelope.ResourceEvent{
				EventType: envelope.TypeScanCompleted, Source: Source, Platform: envelope.PlatformAWS, AccountID: d.payer,
				TS: d.day, PeriodEnd: d.day.Add(day), ObservedAt: best.observed,
			})
		}
		lines += len(best.lines)
		all[len(all)-1].Properties.Set(envelope.PropEvents, strconv.Itoa(lines))
	}
	for i := range all {
		e := &all[i]
		e.EventID = envelope.NewEventID(Source, e.TS, "scan", e.AccountID, "", "", e.PeriodEnd.Format(time.RFC3339), e.ObservedAt.Format(time.RFC3339Nano))
	}
	return all
}

// choose finds for each payer and day the answers that count.
func (c *Choice) choose() {
	c.chosen = map[payerDay]chosen{}
	for k, kind := range c.keys {
		for d, one := range kind.days() {
			one.key, one.lines = k, map[uuid.UUID]struct{}{}
			place := payerDay{k.payer, d}
			if best, ok := c.chosen[place]; !ok || one.compare(best) > 0 {
				c.chosen[place] = one
			}
		}
	}
}

// days are the days that answers of one kind tell, whether whole, and since when they
// count. Several answers are the pages of one where one of them names a next page, or
// where none tells the day alone; else the latest counts.
func (kind *answerKind) days() map[time.Time]chosen {
	days := map[time.Time]chosen{}
	together := coverage{}
	first := map[time.Time]time.Time{}
	for _, a := range kind.answers {
		for d, parts := range a.seen {
			alone := chosen{whole: !kind.truncated && !a.partial && a.seen.whole(d), observed: a.observed}
			if best, ok := days[d]; !ok || alone.compare(best) > 0 {
				days[d] = alone
			}
			if a.partial || kind.truncated && !kind.ended {
				continue
			}
			for from, length := range parts {
				together.add(period{from, from.Add(length)})
			}
			if at, ok := first[d]; !ok || a.observed.Before(at) {
				first[d] = a.observed
			}
		}
	}
	for d := range together {
		if !days[d].whole && together.whole(d) {
			days[d] = chosen{whole: true, observed: first[d]}
		}
	}
	return days
}

func withinDay(from, to time.Time) bool { return !to.After(from.Truncate(day).Add(day)) }

func keyOf(r Recording, got Recorded) answerKey {
	k := answerKey{payer: r.Payer, granularity: string(got.Granularity), metric: "unblended_cost"}
	if k.payer == "" {
		k.payer = UnknownPayer
	}
	var groups []string
	for _, g := range got.GroupBy {
		groups = append(groups, g.String())
	}
	k.groups = strings.Join(groups, ",")
	for i := range got.Events {
		if m := got.Events[i].Properties.Get("cost_metric"); m != "" {
			k.metric = m
		}
	}
	return k
}

func (k answerKey) text() string { return k.granularity + " " + k.groups + " " + k.metric }

// observedOf is observed_at of an answer's lines: the later counts.
func observedOf(r Recording, got Recorded) time.Time {
	return r.ObservedAt.Add(time.Duration(rankOf(keyOf(r, got))) * time.Second)
}

// Ranks of answers that were recorded at one time, in seconds. What is not named has one
// of its own, as far as a hash gives it, in between.
const (
	rankOthers   = 400 // how many there are of others
	rankTotal    = rankOthers
	rankService  = rankTotal + rankOthers + 1
	rankPrimary  = rankService + 1
	daily        = string(types.GranularityDaily)
	dimensionSep = ","
)

func rankOf(k answerKey) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(k.text())) // it never fails
	other := int(h.Sum32() % rankOthers)
	switch {
	case k.metric != "unblended_cost":
		return other
	case k.granularity != daily:
	case k.groups == "":
		return rankTotal
	case k.groups == dimService:
		return rankService
	case k.groups == dimAccount+dimensionSep+dimService:
		return rankPrimary
	}
	return rankTotal + 1 + other
}

// viewName is the name of the view that answers of a key are where they do not count.
func viewName(k answerKey) string {
	words := k.granularity + "_by_" + k.groups
	if k.groups == "" {
		words = k.granularity + "_total"
	}
	if k.metric != "unblended_cost" {
		words += "_" + k.metric
	}
	name := strings.Join(strings.FieldsFunc(strings.ToLower(words), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }), "_")
	if viewNames.MatchString(name) && !strings.Contains(k.groups, ":") {
		return name
	}
	// Two keys of tags may differ in what a name cannot have.
	h := fnv.New32a()
	_, _ = h.Write([]byte(k.text()))
	return name[:min(len(name), 32)] + "_" + strconv.FormatUint(uint64(h.Sum32()), 36)
}
