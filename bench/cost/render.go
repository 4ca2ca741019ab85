package main

import (
	"fmt"
	"slices"
	"strings"
)

// sizes are months, by their number of events.
var sizes = []struct {
	name   string
	events float64
}{{"1M", 1e6}, {"100M", 100e6}, {"10B", 10e9}}

// promised is the size for which the project promises less than promise dollars for a million
// events, for SQS and Lambda together.
const (
	promised = 100e6
	promise  = 0.01
)

// ways returns how events may be sent, in the tables' words.
func ways(r run) []struct {
	name string
	of   func(assumptions, float64) usage
} {
	return []struct {
		name string
		of   func(assumptions, float64) usage
	}{{wayPacked, r.packed}, {wayAlone, r.alone}, {wayUnpacked, r.unpacked}}
}

const (
	wayPacked   = "packs, full batches"
	wayAlone    = "packs, each alone"
	wayUnpacked = "unpacked, full batches"
)

// render returns the tables. Counts are those of the median run, by the cost of a million
// events at the promised size in full batches. Times are the least of all runs.
func render(all []run) (string, error) {
	a, err := usual()
	if err != nil {
		return "", err
	}
	median := middle(all, func(r run) float64 { return r.packed(a, promised).bill(a).core() })
	least := median.least(all)
	var b strings.Builder
	renderPromise(&b, median, least, a)
	renderMeasured(&b, all, median)
	renderMonths(&b, median, a)
	renderRatios(&b, all, a)
	renderBatches(&b, median, a)
	renderIf(&b, median, least, a)
	renderWaiting(&b, median, a)
	renderSplit(&b, median, a)
	return b.String(), nil
}

// The document says one of these.
const (
	kept    = "The promise is kept"
	notKept = "The promise is not kept"
)

// renderPromise says whether the promise is kept, and by what margin.
func renderPromise(b *strings.Builder, m, least run, a assumptions) {
	cost := func(u usage) float64 { return perMillion(u.bill(a).core(), promised) }
	word := notKept
	if cost(m.packed(a, promised)) < promise && cost(m.alone(a, promised)) < promise {
		word = kept
	}
	fmt.Fprintf(b, "%s at 100M events a month, against $%v a million: $%.5f in full batches, $%.5f with each pack alone, by the median run (by the least times of all, "+
		"$%.5f and $%.5f). Unpacked it is $%.5f. None of these includes the collectors' waiting for APIs.\n\n",
		word, promise, cost(m.packed(a, promised)), cost(m.alone(a, promised)), cost(least.packed(a, promised)), cost(least.alone(a, promised)), cost(m.unpacked(a, promised)))
}

func table(b *strings.Builder, title string, head ...string) {
	fmt.Fprintf(b, "### %s\n\n", title)
	row(b, head...)
	row(b, append([]string{"---"}, slices.Repeat([]string{"---:"}, len(head)-1)...)...)
}

func row(b *strings.Builder, cells ...string) {
	fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
}

// between returns the median and, if runs differ, the range.
func between(all []run, format string, of func(run) float64) string {
	v := make([]float64, len(all))
	for i, r := range all {
		v[i] = of(r)
	}
	slices.Sort(v)
	low, mid, high := fmt.Sprintf(format, v[0]), fmt.Sprintf(format, v[len(v)/2]), fmt.Sprintf(format, v[len(v)-1])
	if low == high {
		return mid
	}
	return fmt.Sprintf("%s (%s to %s)", mid, low, high)
}

func renderMeasured(b *strings.Builder, all []run, m run) {
	table(b, fmt.Sprintf("Measured: the median of %d runs (and the range)", len(all)), "", wayPacked, wayAlone, "small packs, each alone", wayUnpacked)
	of := []func(run) figures{
		func(r run) figures { return r.Packed }, func(r run) figures { return r.Alone },
		func(r run) figures { return r.Small }, func(r run) figures { return r.Unpacked },
	}
	line := func(name, format string, value func(figures) float64) {
		cells := []string{name}
		for _, way := range of {
			cells = append(cells, between(all, format, func(r run) float64 { return value(way(r)) }))
		}
		row(b, cells...)
	}
	million := func(n func(figures) float64) func(figures) float64 {
		return func(f figures) float64 { return n(f) / float64(f.Events) * 1e6 }
	}
	line("events", "%.0f", func(f figures) float64 { return float64(f.Events) })
	line("events a message", "%.1f", func(f figures) float64 { return 1 / f.perEvent(f.Messages) })
	line("bytes of JSON an event", "%.0f", func(f figures) float64 { return f.perEvent(f.RawBytes) })
	line("bytes of body a message", "%.0f", func(f figures) float64 { return f.perMessage(f.BodyBytes) })
	line("bytes of attributes a message", "%.0f", func(f figures) float64 { return f.perMessage(f.AttributeBytes) })
	line("64 KB chunks of a message", "%.2f", func(f figures) float64 { return f.perMessage(f.ChunksAlone) })
	line("SendMessageBatch: calls a million events", "%.0f", million(func(f figures) float64 { return float64(f.Sends) }))
	line("SendMessageBatch: requests billed", "%.0f", million(func(f figures) float64 { return float64(f.SendChunks) }))
	line("ReceiveMessage: calls a million events, with messages", "%.0f", million(func(f figures) float64 { return float64(f.Receives) }))
	line("ReceiveMessage: requests billed for those", "%.0f", million(func(f figures) float64 { return float64(f.ReceiveChunks) }))
	line("DeleteMessageBatch: calls and requests billed", "%.0f", million(func(f figures) float64 { return float64(f.Deletes) }))
	line("requests billed a million events", "%.0f", million(func(f figures) float64 { return float64(f.SendChunks + f.ReceiveChunks + f.Deletes) }))
	line("invocations of the consumer a million events", "%.1f", million(func(f figures) float64 { return float64(f.Invocations) }))
	line("events an invocation", "%.0f", func(f figures) float64 { return float64(f.Events) / float64(f.Invocations) })
	line("billed ms of the consumer a million events", "%.0f", million(func(f figures) float64 { return float64(f.BilledMS) }))
	line("of that CPU time, ms", "%.0f", million(func(f figures) float64 { return f.ConsumerCPU * 1000 }))
	line("billed ms an invocation", "%.1f", func(f figures) float64 { return float64(f.BilledMS) / float64(f.Invocations) })
	line("billed ms of a start", "%.0f", func(f figures) float64 { return float64(f.StartMS) })
	line("of that CPU time, ms", "%.0f", func(f figures) float64 { return f.StartCPU * 1000 })
	line("CPU of the collector a million events, ms", "%.0f", million(func(f figures) float64 { return f.CollectorCPU * 1000 }))
	line("most memory of the consumer, MB", "%.0f", func(f figures) float64 { return float64(f.MaxMemoryMB) })
	line("bytes logged an invocation", "%.0f", func(f figures) float64 { return f.logOfInvocation() })
	fmt.Fprintf(b, "\nThe consumer has %d MB, a collector %d MB. Other programs took %s %% of the CPUs meanwhile.\n\n",
		m.Packed.MemoryMB, collectorMB, between(all, "%.0f", func(r run) float64 { return 100 * r.Others }))
}

func renderMonths(b *strings.Builder, m run, a assumptions) {
	table(b, "A month, in US dollars, without any free tier, by the median run", "events a month", "way", "messages", "SQS requests", "Lambda GB-s",
		"SQS $", "Lambda $", "SQS + Lambda $", "**$ a million events**", "with the free tiers $", "in addition: logs, schedules, metrics, alarms $")
	for _, s := range sizes {
		for _, w := range ways(m) {
			u := w.of(a, s.events)
			bill, free := u.bill(a), u.afterFree(a)
			row(b, s.name, w.name, count(u.messages), count(u.requests()), count(u.gbSeconds()), dollars(bill.sqs), dollars(bill.lambda), dollars(bill.core()),
				fmt.Sprintf("**%.5f**", perMillion(bill.core(), s.events)), dollars(free.core()), dollars(bill.around()))
		}
	}
	u := m.alone(a, promised)
	fmt.Fprintf(b, "\nOf the requests, %s a month are receives from an idle queue (%s). At 100M events, packs each alone: %s sends, %s receives with and without messages, %s deletes.\n\n",
		count(u.idle), "$"+dollars(u.idle*sqsRequest), count(u.send), count(u.receive), count(u.remove))
	around := u.bill(a)
	fmt.Fprintf(b, "In addition, a month: %.0f of the functions' own metrics, $%s; %.0f metrics that alarms use, $%s; schedules, $%s; at 100M logs, $%s.\n\n",
		a.metrics, dollars(around.metrics), a.alarms, dollars(around.alarms), dollars(around.scheduler), dollars(around.logs))
}

func renderRatios(b *strings.Builder, all []run, a assumptions) {
	table(b, "Packed to unpacked: the ratio of SQS + Lambda dollars", "events a month", wayPacked+" / unpacked", wayAlone+" / unpacked")
	for _, s := range sizes {
		ratio := func(of func(run) func(assumptions, float64) usage) string {
			return between(all, "%.4f", func(r run) float64 {
				return of(r)(a, s.events).bill(a).core() / r.unpacked(a, s.events).bill(a).core()
			})
		}
		row(b, s.name,
			ratio(func(r run) func(assumptions, float64) usage { return r.packed }),
			ratio(func(r run) func(assumptions, float64) usage { return r.alone }))
	}
	fmt.Fprintln(b)
}

// renderBatches shows the gain when packs wait for each other.
func renderBatches(b *strings.Builder, m run, a assumptions) {
	table(b, "Packs an invocation, at 100M events a month", "packs", "SQS requests", "invocations", "Lambda GB-s", "SQS + Lambda $", "$ a million events")
	cost := func(packs float64) float64 {
		return perMillion(m.inBatches(packs)(a, promised).bill(a).core(), promised)
	}
	for _, packs := range []float64{1, 2, 3, 5, 10, 20, m.batch()} {
		u := m.inBatches(packs)(a, promised)
		row(b, fmt.Sprintf("%.0f", packs), count(u.requests()), count(u.consumer), count(u.gbSeconds()), dollars(u.bill(a).core()), fmt.Sprintf("%.5f", cost(packs)))
	}
	for packs := 1.0; packs <= m.batch(); packs++ {
		if cost(packs) < promise {
			fmt.Fprintf(b, "\nLess than %v dollars with %.0f or more an invocation.\n\n", promise, packs)
			return
		}
	}
	fmt.Fprintf(b, "\nMore than %v dollars in any case, if each pack is sent alone.\n\n", promise)
}

// renderIf shows the cost of the promised size under other assumptions.
func renderIf(b *strings.Builder, m, least run, a assumptions) {
	table(b, "Under other assumptions: $ a million events at 100M a month", "if", wayPacked, wayAlone, wayUnpacked)
	line := func(name string, change func(*assumptions, *usage)) {
		cells := []string{name}
		for _, w := range ways(m) {
			changed := a
			change(&changed, &usage{})
			u := w.of(changed, promised)
			change(&changed, &u)
			cells = append(cells, fmt.Sprintf("%.5f", perMillion(u.bill(changed).core(), promised)))
		}
		row(b, cells...)
	}
	line("as above", func(*assumptions, *usage) {})
	cells := []string{"the times are the least of all runs, not the median run's"}
	for _, w := range ways(least) {
		cells = append(cells, fmt.Sprintf("%.5f", perMillion(w.of(a, promised).bill(a).core(), promised)))
	}
	row(b, cells...)
	line("the larger of full packs and runs' messages, not both", func(a *assumptions, _ *usage) { a.larger = true })
	line("Lambda's CPU is 2 times slower", func(a *assumptions, _ *usage) { a.slower = 2 })
	line("Lambda's CPU is 4 times slower", func(a *assumptions, _ *usage) { a.slower = 4 })
	line("x86-64", func(a *assumptions, _ *usage) { a.gbSecond = lambdaX86 })
	line("x86-64, 2 times slower", func(a *assumptions, _ *usage) { a.gbSecond, a.slower = lambdaX86, 2 })
	line("the consumer waits half as long for ClickHouse", func(a *assumptions, _ *usage) { a.waits = 0.5 })
	line("the consumer waits 2 times as long", func(a *assumptions, _ *usage) { a.waits = 2 })
	line("a consumer with 1,769 MB: a whole CPU", func(a *assumptions, _ *usage) { a.consumerMB = vCPU })
	line("every request twice: each fails once", func(_ *assumptions, u *usage) {
		u.send, u.receive, u.remove, u.consumer, u.consumerGBs = 2*u.send, 2*u.receive, 2*u.remove, 2*u.consumer, 2*u.consumerGBs
	})
	line("no maximum concurrency: two pollers when idle", func(a *assumptions, _ *usage) { a.pollers = fewPollers })
	fmt.Fprintln(b)
}

// renderWaiting shows the effect of waiting, which was not measured.
func renderWaiting(b *strings.Builder, m run, a assumptions) {
	table(b, "Not measured, to be added: the collectors' waiting for APIs", "seconds of waiting a run", "$ a month",
		"$ a million at 100M", "packs in full batches, with it", "packs each alone, with it")
	for _, seconds := range []float64{1, 2, 5, 10, 30} {
		w := a
		w.wait = seconds
		more := m.alone(w, promised).bill(w).core() - m.alone(a, promised).bill(a).core()
		row(b, fmt.Sprint(seconds), dollars(more), fmt.Sprintf("%.5f", perMillion(more, promised)),
			fmt.Sprintf("%.5f", perMillion(m.packed(w, promised).bill(w).core(), promised)),
			fmt.Sprintf("%.5f", perMillion(m.alone(w, promised).bill(w).core(), promised)))
	}
	spread, single := lookup(lookupWorkers), lookup(1)
	fmt.Fprintf(b, "\nLookupEvents returns %d events a request and allows %d requests a second for an account and region. So a million events take %s seconds of a run that reads %d "+
		"accounts and regions at once, %.5f dollars, and %s seconds, %.5f dollars, if all are of one account and region.\n",
		lookupPage, lookupPerSecond, count(spread), lookupWorkers, spread*collectorMB/1024*a.gbSecond, count(single), single*collectorMB/1024*a.gbSecond)
	fmt.Fprintf(b, "\nAt 100M events a month the promise of %v leaves %.1f seconds of waiting a run if batches are full, and %.1f if each pack is alone.\n\n",
		promise, room(m.packed, a), room(m.alone, a))
}

// room returns how many seconds each run may wait before the promise is broken.
func room(of func(assumptions, float64) usage, a assumptions) float64 {
	left := promise*promised/1e6 - of(a, promised).bill(a).core()
	return left / (a.runs * collectorMB / 1024 * a.gbSecond)
}

// LookupEvents's page size and rate, which producers/cloudtrail keeps to, and how many scopes
// a run reads at once.
const lookupPage, lookupPerSecond, lookupWorkers = 50, 2, 16

// lookup returns how many seconds of a run a million events take at least with LookupEvents.
func lookup(scopes float64) float64 { return 1e6 / lookupPage / lookupPerSecond / scopes }

// The deployment that renderSplit assumes.
const splitAccounts, splitRegions = 10, 4

// renderSplit shows the cost of running every source separately for each account and region.
func renderSplit(b *strings.Builder, m run, a assumptions) {
	table(b, fmt.Sprintf("Schedules: SQS + Lambda, packs each alone, $ a month ($ a million), with %d accounts and %d regions", splitAccounts, splitRegions),
		"invocations a period of each source", "runs a month", "1M", "100M", "10B")
	for _, s := range []struct {
		name  string
		times float64
	}{
		{"one: Polo's setup", 1},
		{"one for each account", splitAccounts},
		{"one for each account and region", splitAccounts * splitRegions},
	} {
		split := a
		split.runs *= s.times
		cells := []string{s.name, count(split.runs)}
		for _, size := range sizes {
			core := m.alone(split, size.events).bill(split).core()
			cells = append(cells, fmt.Sprintf("%s (%.5f)", dollars(core), perMillion(core, size.events)))
		}
		row(b, cells...)
	}
}

// dollars formats an amount with as many decimals as are significant.
func dollars(n float64) string {
	if n > 0 && n < 0.01 {
		return fmt.Sprintf("%.5f", n)
	}
	return thousands(fmt.Sprintf("%.2f", n))
}

func count(n float64) string { return thousands(fmt.Sprintf("%.0f", n)) }

// thousands inserts commas.
func thousands(text string) string {
	whole, rest, point := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if point {
		return whole + "." + rest
	}
	return whole
}
