package schema_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

// loadSeries inserts the series as lines of bills that were read to their end.
func (s store) loadSeries(t *testing.T, source string, all []costSeries) {
	t.Helper()
	var b strings.Builder
	for _, c := range all {
		fmt.Fprintf(&b, "%s\t%s\t[", c.account, c.service)
		for i, x := range c.cost {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(strconv.FormatFloat(math.Round(x*1e6)/1e6, 'f', 6, 64))
		}
		b.WriteString("]\n")
	}
	s.must(t, s.Users.Migrator, "CREATE OR REPLACE TABLE planted (account String, service String, cost Array(Decimal(38, 6))) ENGINE = Memory")
	if a := s.query(t, s.Users.Migrator, "INSERT INTO planted FORMAT TSV", b.String()); a.code != http.StatusOK {
		t.Fatal(a.body)
	}
	observed := seriesDay(seriesDays, 12)
	s.must(t, s.Users.Migrator, `INSERT INTO cost_lines (ts, event_id, version, event_type, source, observed_at, billing_day, payer_account_id, platform, account_id, service, currency, cost_amount)
		SELECT toDateTime64('`+seriesDay(0, 0)+`', 3, 'UTC') + toIntervalDay(n - 1) AS at, generateUUIDv4(), 1, 'cost.accrued', '`+source+`', '`+observed+`', toDate32(at), 'payer', 'aws', account, service, 'USD', amount
		FROM (SELECT account, service, n, amount FROM planted ARRAY JOIN cost AS amount, arrayEnumerate(cost) AS n WHERE amount != 0)`)
	s.must(t, s.Users.Migrator, "DROP TABLE planted")
	s.insert(t, billScan("payer", seriesDay(0, 0), seriesDay(seriesDays, 0), observed).with("source", source))
}

// seriesDay returns the nth day of the series at an hour, in ClickHouse's format.
func seriesDay(n int, hour float64) string {
	return seriesStart.AddDate(0, 0, n).Add(time.Duration(hour * float64(time.Hour))).Format("2006-01-02 15:04:05.000")
}

// alarm is an anomaly that was found, in days of the series.
type alarm struct {
	kind        string
	first, last int
}

// alarms returns what is found in the services of a source, by account and service.
func (s store) alarms(t *testing.T, source string) map[string][]alarm {
	t.Helper()
	out := map[string][]alarm{}
	since := "dateDiff('day', toDate32('" + seriesStart.Format(time.DateOnly) + "'), "
	for _, r := range s.lines(t, s.Users.Reader, "SELECT account_id, service, kind, "+since+"first_day), "+since+"last_day) FROM cost_anomalies_found WHERE grain = 'service' AND source = '"+source+"' FORMAT TSV") {
		f := strings.Split(r, "\t")
		first, _ := strconv.Atoi(f[3])
		last, _ := strconv.Atoi(f[4])
		out[f[0]+"\t"+f[1]] = append(out[f[0]+"\t"+f[1]], alarm{f[2], first, last})
	}
	return out
}

// score counts anomalies: planted ones, those of them that an alarm meets, alarms, those of them that meet
// something planted, and days that were judged.
type score struct{ planted, found, alarms, right, days int }

func (s score) precision() float64 { return float64(s.right) / max(1, float64(s.alarms)) }
func (s score) recall() float64    { return float64(s.found) / max(1, float64(s.planted)) }

// falseAlarms is per 100 days of a series.
func (s score) falseAlarms() float64 {
	return 100 * float64(s.alarms-s.right) / max(1, float64(s.days))
}

func (s score) String() string {
	return fmt.Sprintf("planted %4d, recall %.2f; alarms %4d, precision %.2f; false alarms %.3f per 100 series-days", s.planted, s.recall(), s.alarms, s.precision(), s.falseAlarms())
}

// judge compares alarms with what is planted in a series. They meet if their days overlap or are next to each other.
func (s *score) judge(c costSeries, found []alarm, kinds map[string]*score) {
	right := make([]bool, len(found))
	for _, p := range c.planted {
		if kinds[p.kind] == nil {
			kinds[p.kind] = &score{}
		}
		met := 0
		for i, a := range found {
			if a.first <= p.last+1 && a.last >= p.first-1 {
				right[i], met = true, 1
			}
		}
		s.planted++
		s.found += met
		kinds[p.kind].planted++
		kinds[p.kind].found += met
	}
	for _, r := range right {
		s.alarms++
		if r {
			s.right++
		}
	}
	s.days += seriesDays - judgedFrom
}

// The anomalies planted in series of many kinds are found, and little else. The seeds are not those that the
// thresholds were chosen with, which are below 100.
func TestAnomaliesAreFound(t *testing.T) {
	t.Parallel()
	s := rolling(t)
	var all []costSeries
	kindOf := map[string]int{}
	for k := range seriesKinds {
		for _, c := range makeSeries(uint64(1000+k), k, 3*seeds(t, 12)) {
			kindOf[c.account] = k
			all = append(all, c)
		}
	}
	s.loadSeries(t, "aws.cur", all)
	s.mustRollUp(t, "true")
	begun := time.Now()
	found := s.alarms(t, "aws.cur")
	t.Logf("%d series judged in %.1f s", len(all), time.Since(begun).Seconds())
	var regular, every score
	byKind, planted := make([]score, len(seriesKinds)), map[string]*score{}
	for _, c := range all {
		k := kindOf[c.account]
		kinds := map[string]*score{}
		if plantable(seriesKinds[k].name) {
			kinds = planted
			regular.judge(c, found[c.account+"\t"+c.service], map[string]*score{})
		}
		byKind[k].judge(c, found[c.account+"\t"+c.service], kinds)
		every.judge(c, found[c.account+"\t"+c.service], map[string]*score{})
	}
	for k, kind := range seriesKinds {
		t.Logf("%-13s %s", kind.name, byKind[k])
	}
	t.Logf("regular       %s", regular)
	t.Logf("all           %s", every)
	for kind, p := range planted {
		t.Logf("%-9s of regular series: planted %d, recall %.2f", kind, p.planted, p.recall())
		if p.recall() < 0.7 {
			t.Errorf("of %d planted of kind %s %d are found", p.planted, kind, p.found)
		}
	}
	if len(planted) != 6 {
		t.Errorf("planted are %d kinds", len(planted))
	}
	if regular.precision() < 0.8 || regular.recall() < 0.85 || regular.falseAlarms() > 0.15 {
		t.Errorf("series whose course is regular: %s", regular)
	}
	if every.precision() < 0.8 || every.falseAlarms() > 0.15 {
		t.Errorf("all series: %s", every)
	}
}

// charge is what an ARN cost a payer on each day of the series; one that is 0 has no line.
type charge struct {
	payer, source, account, service, customer, currency, arn string
	estimated                                                bool
	cost                                                     func(day int) string
}

// charged returns the lines of days from first until the day past, observed at a time.
func charged(c charge, first, past int, observed string) []row {
	var out []row
	for i := first; i < past; i++ {
		amount := c.cost(i)
		if amount == "0" {
			continue
		}
		out = append(out, row{
			"event_id":   uuid.NewSHA1(uuid.NameSpaceURL, fmt.Append(nil, c.payer, c.source, c.account, c.service, c.customer, c.currency, c.arn, i)).String(),
			"event_type": "cost.accrued", "source": c.source, "ts": seriesDay(i, 0), "observed_at": observed, "arn": c.arn, "account_id": c.account + c.payer, "service": c.service,
			"marqo_customer": c.customer, "cost_amount": amount, "currency": c.currency,
			"properties": map[string]string{"payer_account_id": c.payer, "estimated": strconv.FormatBool(c.estimated && i >= 140), "usage_type": "use of " + c.arn},
		})
	}
	return out
}

// steady costs an amount a day, and another on some.
func steady(usual, other string, on func(day int) bool) func(int) string {
	return func(i int) string {
		if on(i) {
			return other
		}
		return usual
	}
}

// What is judged, and what is said of it, to the last digit.
func TestAnomalies(t *testing.T) {
	t.Parallel()
	s := rolling(t)
	const last = 160 // the series end here
	on := func(days ...int) func(int) bool {
		return func(i int) bool {
			for _, d := range days {
				if d == i {
					return true
				}
			}
			return false
		}
	}
	from := func(day int) func(int) bool { return func(i int) bool { return i >= day } }
	never := func(int) bool { return false }
	usd := charge{source: "aws.cur", account: "a", service: "ec2", currency: "USD", arn: "arn:x"}
	with := func(c charge, change func(*charge)) charge { change(&c); return c }
	after := seriesDay(last+3, 0)
	cases := []struct {
		name string
		rows func(payer string) []row
		want []string // grain, currency, kind, days, cost, expected, excess, provisional, contributors
	}{
		{"nothing of note", func(p string) []row {
			return charged(with(usd, func(c *charge) { c.payer, c.cost = p, steady("10.1", "", never) }), 0, last, after)
		}, nil},
		{"a spike, of one ARN of two", func(p string) []row {
			return append(
				charged(with(usd, func(c *charge) {
					c.payer, c.cost = p, steady("10.1", "110.10000000000000000000000000000000000001", on(150))
				}), 0, last, after),
				charged(with(usd, func(c *charge) { c.payer, c.arn, c.cost = p, "arn:y", steady("5", "", never) }), 0, last, after)...)
		}, []string{
			"account USD spike 150-150 115.10000000000000000000000000000000000001 15.1 100.00000000000000000000000000000000000001 false arn:x",
			"service USD spike 150-150 115.10000000000000000000000000000000000001 15.1 100.00000000000000000000000000000000000001 false arn:x",
		}},
		{"days that are next to each other", func(p string) []row {
			return charged(with(usd, func(c *charge) { c.payer, c.cost = p, steady("10", "50", on(150, 151, 153)) }), 0, last, after)
		}, []string{
			"account USD spike 150-153 160 40 120 false arn:x", "service USD spike 150-153 160 40 120 false arn:x",
		}},
		{"what may be restated", func(p string) []row {
			return charged(with(usd, func(c *charge) { c.payer, c.estimated, c.cost = p, true, steady("10", "50", on(150)) }), 0, last, after)
		}, []string{
			"account USD spike 150-150 50 10 40 true arn:x", "service USD spike 150-150 50 10 40 true arn:x",
		}},
		{"a customer", func(p string) []row {
			return append(
				charged(with(usd, func(c *charge) { c.payer, c.customer, c.cost = p, "acme", steady("10", "18", on(150)) }), 0, last, after),
				charged(with(usd, func(c *charge) { c.payer, c.customer, c.cost = p, "globex", steady("100", "", never) }), 0, last, after)...)
		}, []string{"customer USD spike 150-150 18 10 8 false arn:x"}},
		{"two currencies, whose sum stays", func(p string) []row {
			return append(
				charged(with(usd, func(c *charge) { c.payer, c.cost = p, steady("60", "0", from(150)) }), 0, last, after),
				charged(with(usd, func(c *charge) { c.payer, c.currency, c.cost = p, "EUR", steady("0", "60", from(150)) }), 0, last, after)...)
		}, []string{
			"account EUR new 150-156 420 0 420 false arn:x", "account USD vanished 150-159 0 600 -600 false arn:x",
			"service EUR new 150-156 420 0 420 false arn:x", "service USD vanished 150-159 0 600 -600 false arn:x",
		}},
		{"two sources, whose sum stays", func(p string) []row {
			return append(
				charged(with(usd, func(c *charge) { c.payer, c.cost = p, steady("60", "20", from(150)) }), 0, last, after),
				charged(with(usd, func(c *charge) { c.payer, c.source, c.cost = p, "github", steady("20", "60", from(150)) }), 0, last, after)...)
		}, []string{
			"account USD level 150-159 200 600 -400 false arn:x", "account USD level 150-159 600 200 400 false arn:x",
			"service USD level 150-159 200 600 -400 false arn:x", "service USD level 150-159 600 200 400 false arn:x",
		}},
		{"a weekend that costs what a working day does", func(p string) []row {
			return charged(with(usd, func(c *charge) {
				c.payer, c.cost = p, func(i int) string {
					if i%7 < 2 && i != 147 {
						return "30"
					}
					return "100"
				}
			}), 0, last, after)
		}, []string{
			"account USD weekday 147-147 100 30 70 false arn:x", "service USD weekday 147-147 100 30 70 false arn:x",
		}},
		{"a credit", func(p string) []row {
			return append(
				charged(with(usd, func(c *charge) { c.payer, c.cost = p, steady("100", "", never) }), 0, last, after),
				charged(with(usd, func(c *charge) { c.payer, c.arn, c.cost = p, "arn:credit", steady("0", "-60", on(150)) }), 0, last, after)...)
		}, []string{
			"account USD credit 150-150 40 100 -60 false arn:credit", "service USD credit 150-150 40 100 -60 false arn:credit",
		}},
		{"a fee at the start of each month", func(p string) []row {
			return charged(with(usd, func(c *charge) {
				c.payer, c.cost = p, func(i int) string {
					if monthDay(i) == 1 {
						return "500"
					}
					return "10"
				}
			}), 0, last, after)
		}, nil},
		{"a day that is not over", func(p string) []row {
			c := with(usd, func(c *charge) { c.payer, c.cost = p, steady("10", "50", on(last)) })
			return charged(c, 0, last+1, seriesDay(last, 18))
		}, nil},
		{"a day whose bill is late", func(p string) []row {
			c := with(usd, func(c *charge) { c.payer, c.cost = p, steady("10", "50", on(last)) })
			return charged(c, 0, last+1, seriesDay(last+1, 6))
		}, nil},
		{"less than 14 days known", func(p string) []row {
			return charged(with(usd, func(c *charge) { c.payer, c.cost = p, steady("10", "50", on(last-1)) }), last-14, last, after)
		}, nil},
	}
	for i, c := range cases {
		payer := fmt.Sprintf("%012d", i)
		rows := c.rows(payer)
		observed := rows[0]["observed_at"].(string)
		s.insert(t, append(rows, billScan(payer, seriesDay(0, 0), seriesDay(last+1, 0), observed), billScan(payer, seriesDay(0, 0), seriesDay(last+2, 0), observed).with("source", "github"))...)
	}
	// Read in two scans, with three weeks between that were not read and have some of the lines; what comes after the second was not read to its end. What
	// is usual after the gap is what was read before it.
	unread := with(usd, func(c *charge) { c.payer, c.cost = "unread", steady("10", "20", from(145)) })
	part := with(unread, func(c *charge) { c.cost = steady("10", "2", func(i int) bool { return i >= 120 && i < 141 }) })
	for _, rows := range [][]row{
		charged(unread, 0, 120, after), charged(part, 120, 141, after), charged(unread, 141, last, after),
		{billScan("unread", seriesDay(0, 0), seriesDay(120, 0), after), billScan("unread", seriesDay(141, 0), seriesDay(last-10, 0), after)},
	} {
		s.insert(t, rows...)
	}
	// The money of a bill, which Cost Explorer tells, too.
	twice := with(usd, func(c *charge) { c.payer, c.cost = "twice", steady("10", "50", on(150)) })
	s.insert(t, charged(with(twice, func(c *charge) { c.source = "aws.cost_explorer" }), 0, last, after)...)
	s.insert(t, billScan("twice", seriesDay(0, 0), seriesDay(last+1, 0), after).with("source", "aws.cost_explorer"))
	var bill []row
	for month := seriesStart.AddDate(0, 0, 1-seriesStart.Day()); month.Before(seriesStart.AddDate(0, 0, last)); month = month.AddDate(0, 1, 0) {
		n := 0
		for _, r := range charged(twice, 0, last, after) {
			if ts := r["ts"].(string); ts[:7] == month.Format("2006-01") {
				n++
				bill = append(bill, r.with("properties", map[string]string{"payer_account_id": "twice", "billing_period": month.Format(time.DateOnly), "delivery": "d"}))
			}
		}
		bill = append(bill, ended("scan.completed", "twice", "d"+month.Format("01"), after, n).with(
			"ts", month.Format("2006-01-02 15:04:05.000"), "period_end", month.AddDate(0, 1, 0).Format("2006-01-02 15:04:05.000"),
			"properties", map[string]string{"delivery": "d", "events": strconv.Itoa(n)}))
	}
	s.insert(t, bill...)

	const query = `SELECT payer_account_id, grain || ' ' || currency || ' ' || kind || ' ' || dateDiff('day', toDate32('%[1]s'), first_day)::String || '-' || dateDiff('day', toDate32('%[1]s'), last_day)::String
		|| ' ' || cost::String || ' ' || expected::String || ' ' || excess::String || ' ' || provisional::String || ' ' || contributors[1].arn FROM cost_anomalies_due WHERE grain != ''`
	check := func(when string) {
		t.Helper()
		got := map[string][]string{}
		for _, r := range s.lines(t, s.Users.Reader, fmt.Sprintf(query, seriesStart.Format(time.DateOnly))) {
			payer, text, _ := strings.Cut(r, "\t")
			got[payer] = append(got[payer], text)
		}
		for i, c := range cases {
			if diff := cmp.Diff(c.want, got[fmt.Sprintf("%012d", i)]); diff != "" {
				t.Errorf("%s, %s (-want +got):\n%s", when, c.name, diff)
			}
		}
		if diff := cmp.Diff([]string{"account USD level 145-149 100 50 50 false arn:x", "service USD level 145-149 100 50 50 false arn:x"}, got["unread"]); diff != "" {
			t.Errorf("%s, days that were not read (-want +got):\n%s", when, diff)
		}
		if diff := cmp.Diff([]string{"account USD spike 150-150 50 10 40 false arn:x", "service USD spike 150-150 50 10 40 false arn:x"}, got["twice"]); diff != "" {
			t.Errorf("%s, a bill beside Cost Explorer (-want +got):\n%s", when, diff)
		}
	}
	check("as inserted")
	s.mustRollUp(t, "toDayOfMonth(day) % 2 = 0")
	check("rolled up by half")
	s.mustRollUp(t, "true")
	check("rolled up")
}

// After any restatements the table says what it would say had only the last statements ever been made. What a
// restatement explains is gone.
func TestAnomaliesAfterRestatements(t *testing.T) {
	t.Parallel()
	s := rolling(t)
	const days = 150
	r := rand.New(rand.NewPCG(5, 5))
	var series [][]int
	for range 12 {
		v, base := make([]int, days), 20+r.IntN(100)
		for i := range v {
			v[i] = base*100 + r.IntN(base*10)
		}
		v[days-30+r.IntN(20)] *= 3
		series = append(series, v)
	}
	state := func(payer, observed string) []row {
		rows := []row{billScan(payer, seriesDay(0, 0), seriesDay(days, 0), observed)}
		for k, v := range series {
			rows = append(rows, charged(charge{payer: payer, source: "aws.cur", service: fmt.Sprint("s", k), currency: "USD", arn: fmt.Sprint("arn:", k), cost: func(i int) string {
				return fmt.Sprintf("%d.%02d", v[i]/100, v[i]%100)
			}}, 0, days, observed)...)
		}
		return rows
	}
	const columns = "grain, service, kind, first_day, last_day, cost, expected, excess, provisional, contributors"
	of := func(table, payer string) []string {
		return s.lines(t, s.Users.Reader, "SELECT "+columns+" FROM "+table+" WHERE payer_account_id = '"+payer+"'")
	}
	refreshed := func() {
		t.Helper()
		s.findAnomalies(t)
	}
	s.insert(t, state("0", seriesDay(days+3, 0))...)
	refreshed()
	before := of("cost_anomalies", "0")
	for round := range 3 {
		if round == 1 {
			s.mustRollUp(t, "true")
		}
		for k, v := range series { // some spikes go, others come, and much moves
			for range 5 {
				v[days-1-r.IntN(60)] = 2000 + r.IntN(10000)
			}
			if k%2 == round%2 {
				v[days-3-r.IntN(40)] *= 4
			}
		}
		s.insert(t, state("0", seriesDay(days+4+round, 0))...)
		if round == 1 {
			s.mustRollUp(t, "toDayOfMonth(day) < 9")
		}
	}
	s.insert(t, state("1", seriesDay(days+9, 0))...)
	for _, table := range []string{"cost_lines", "scans"} { // a merge drops rows that count no more, and so changes the stamp
		s.must(t, s.Users.Migrator, "OPTIMIZE TABLE "+table+" FINAL")
	}
	refreshed()
	got, want := of("cost_anomalies", "0"), of("cost_anomalies_due", "1")
	for i := range want {
		want[i] = strings.ReplaceAll(want[i], "'1'", "'0'") // contributors name the account
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-from scratch +restated):\n%s", diff)
	}
	if len(want) < 10 || difference(before, got) == "" {
		t.Errorf("%d anomalies, of %d before", len(want), len(before))
	}
	// Nothing has come since: the rows that are there stay, with their time.
	at := s.must(t, s.Users.Reader, "SELECT DISTINCT computed_at FROM cost_anomalies")
	time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(1100 * time.Millisecond)))
	refreshed()
	if again := s.must(t, s.Users.Reader, "SELECT DISTINCT computed_at FROM cost_anomalies"); again != at {
		t.Errorf("computed at %s, and with nothing new at %s", at, again)
	}
	if diff := cmp.Diff(got, of("cost_anomalies", "0")); diff != "" {
		t.Errorf("with nothing new (-before +after):\n%s", diff)
	}
}

// findAnomalies does what one run of cost_anomalies_mv does on a server that has not just started.
func (s store) findAnomalies(t *testing.T) {
	t.Helper()
	query := s.must(t, s.Users.Migrator, "SELECT replaceOne(as_select, 'uptime() < 60', 'false') FROM system.tables WHERE name = 'cost_anomalies_mv' FORMAT TSVRaw")
	s.must(t, s.Users.Migrator, "INSERT INTO cost_anomalies_kept "+query)
}
