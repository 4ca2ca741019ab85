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

// UnknownPayer is the payer of recordings whose payer is unknown.
const UnknownPayer = "unknown"

// Choice decides which of several recorded answers a day's costs come from. Every grouping states
// the same money, so for a payer's day only one grouping is costs and all others are views. The
// latest recording counts. Among recordings within a quarter of an hour, or without a time, the
// live collector's preference decides: by account and service, then by service, then any other
// grouping, then the total.
//
// The choice depends on the answers alone, not on their order: a line's observed_at is the
// recording's time plus the grouping's rank, and a completion of each chosen day removes what any
// other grouping stated for it, in this run or another.
//
// An answer is chosen for the days that it covers completely. A partial answer is costs only if
// no answer of the run covers the day completely; any complete one ranks above it, and it removes
// nothing. Partial are: days with missing hours, answers without their last page or with a
// rejected group, and answers by resource, which the API gives for some services only. Periods of
// several days are only views, because they do not state the cost of each day.
//
// Call Note for every answer, then Take for each. The zero value is ready.
type Choice struct {
	keys map[answerKey]*answerKind
	// chosen is the answer kind that counts, by payer and day; the first Take sets it.
	chosen map[payerDay]chosen
}

type payerDay struct {
	payer string
	day   time.Time
}

// answerKey is the same for the pages of one answer, and for recordings of the same question.
type answerKey struct{ payer, granularity, groups, metric string }

// answerKind holds the answers of one key.
type answerKind struct {
	answers []notedAnswer
	// truncated means that one of them names a next page, ended that one does not.
	truncated, ended bool
}

type notedAnswer struct {
	observed time.Time
	seen     coverage
	// partial means that it may not cover all of a day's costs.
	partial bool
}

// chosen is the answer kind that a payer's day counts from.
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

// Note adds an answer to choose from.
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
		return // no groups: only a total has a line
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

// Take returns the events of a noted answer. Events of a day that counts from another answer
// become events of a view: views is their number, uncounted the number of those whose day has no
// chosen answer.
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
			*e = view.Events[i] //mutant:every-grouping-is-costs
		}
		if r.Payer == "" {
			e.Properties.Set(envelope.PropPayerAccount, UnknownPayer)
		}
	}
	return got, views, uncounted, nil
}

// Completions returns the completions of the chosen days; they remove what other answers stated
// for them.
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

// choose finds the answers that count, for each payer and day.
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

// days returns the days that this kind covers, whether completely, and from which time they
// count. Several answers are pages of one if one of them names a next page, or if none covers the
// day alone; otherwise the latest counts.
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

func withinDay(from, to time.Time) bool { return !to.After(from.Truncate(day).Add(day)) } //mutant:a-month-is-a-day

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

// observedOf returns observed_at of an answer's lines: the greater counts.
func observedOf(r Recording, got Recorded) time.Time {
	return r.ObservedAt.Add(time.Duration(rankOf(keyOf(r, got))) * time.Second) //mutant:last-run-counts
}

// Ranks of answers that were recorded at one time, in seconds. Each other grouping has its own
// rank, from a hash.
const (
	rankOthers   = 400 // number of ranks for other groupings
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

// viewName returns the view of answers with this key, for days on which they do not count.
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
	// A name cannot hold all characters of a tag key: the hash distinguishes them.
	h := fnv.New32a()
	_, _ = h.Write([]byte(k.text()))
	return name[:min(len(name), 32)] + "_" + strconv.FormatUint(uint64(h.Sum32()), 36)
}
