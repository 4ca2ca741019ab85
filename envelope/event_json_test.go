package envelope_test

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"polo/envelope"
)

func TestEventGolden(t *testing.T) {
	t.Parallel()
	for name, e := range map[string]envelope.ResourceEvent{"event_full.json": fullEvent(), "event_minimal.json": minimalEvent()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := e.Validate(); err != nil {
				t.Fatal(err)
			}
			raw := e.AppendJSON(nil)
			golden(t, name, indent(t, raw))
			back, err := envelope.DecodeEvent(raw)
			if diff := cmp.Diff(e, back, sameEvent()); err != nil || diff != "" {
				t.Errorf("error %v, diff:\n%s", err, diff)
			}
		})
	}
}

func TestEventRoundTrip(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 1))
		e := randomEvent(r)
		raw := e.AppendJSON([]byte("before "))[len("before "):]
		if !json.Valid(raw) || !utf8.Valid(raw) || bytes.ContainsAny(raw, "\n\r\x00\ufffe\uffff") {
			t.Fatalf("seed %d: not one line of JSON that a queue carries: %q", seed, raw)
		}
		back, err := envelope.DecodeEvent(raw)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if diff := cmp.Diff(e, back, sameEvent()); diff != "" {
			t.Fatalf("seed %d differs:\n%s", seed, diff)
		}
		if again := back.AppendJSON(nil); !bytes.Equal(raw, again) {
			t.Fatalf("seed %d: equal events, different bytes:\n%s\n%s", seed, raw, again)
		}
	}
}

// The strings of a decoded event are copies: the line's memory may be reused.
func TestDecodedEventDoesNotAliasItsLine(t *testing.T) {
	t.Parallel()
	e := fullEvent()
	raw := e.AppendJSON(nil)
	back, err := envelope.DecodeEvent(raw)
	if err != nil {
		t.Fatal(err)
	}
	clear(raw)
	if diff := cmp.Diff(e, back, sameEvent()); diff != "" {
		t.Error(diff)
	}
}

func TestAppendJSONCorners(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		event envelope.ResourceEvent
		want  string // what follows the id
	}{
		{"not UTF-8", envelope.ResourceEvent{Actor: "a\xffb\xc3"}, ",\"actor\":\"a\ufffdb\ufffd\""},
		{"not a number", envelope.ResourceEvent{MetricValue: ptr(math.NaN())}, `,"metric_value":"NaN"`},
		{"infinite", envelope.ResourceEvent{MetricValue: ptr(math.Inf(-1))}, `,"metric_value":"-Inf"`},
		{"huge exponent", envelope.ResourceEvent{CostAmount: decimal.NullDecimal{Decimal: decimal.New(7, math.MaxInt32), Valid: true}}, `,"cost_amount":"7e2147483647"`},
		{"tiny exponent", envelope.ResourceEvent{CostAmount: decimal.NullDecimal{Decimal: decimal.New(7, math.MinInt32), Valid: true}}, `,"cost_amount":"7e-2147483648"`},
		{"year of five digits", envelope.ResourceEvent{TS: time.Date(12026, 1, 2, 3, 4, 5, 0, time.UTC)}, `,"ts":"12026-01-02T03:04:05.000Z"`},
		{"number of 22 digits", envelope.ResourceEvent{MetricValue: ptr(-1e21)}, `,"metric_value":-1e+21`},
		{"number of 21 digits", envelope.ResourceEvent{MetricValue: ptr(1e20)}, `,"metric_value":100000000000000000000`},
		{"small number", envelope.ResourceEvent{MetricValue: ptr(1e-7)}, `,"metric_value":1e-07`},
		{"another time zone", envelope.ResourceEvent{TS: time.Date(2026, 1, 2, 1, 0, 0, 0, time.FixedZone("", 7200))}, `,"ts":"2026-01-01T23:00:00.000Z"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			want := `{"event_id":"00000000-0000-0000-0000-000000000000"` + tc.want + `}`
			if got := string(tc.event.AppendJSON(nil)); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestMetricValueIsExact(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	check := func(text string, want float64) {
		t.Helper()
		e, err := envelope.DecodeEvent([]byte(`{"metric_value":` + text + `}`))
		if err != nil || math.Float64bits(*e.MetricValue) != math.Float64bits(want) {
			t.Fatalf("%s: error %v", text, err)
		}
	}
	check("9007199254740993.5", 9007199254740993.5)
	check("0.000000000000000000000000000001", 1e-30)
	for range 2000 {
		f := math.Float64frombits(r.Uint64())
		if math.IsNaN(f) || math.IsInf(f, 0) {
			continue
		}
		e := envelope.ResourceEvent{MetricValue: &f}
		raw := string(e.AppendJSON(nil))
		text := strings.TrimSuffix(raw[strings.LastIndexByte(raw, ':')+1:], "}")
		check(text, f)
	}
}

func TestDecodeEvent(t *testing.T) {
	t.Parallel()
	const id = `"event_id":"6ba7b810-9dad-51d1-80b4-00c04fd430c8"`
	base := withID(envelope.ResourceEvent{}, "6ba7b810-9dad-51d1-80b4-00c04fd430c8")
	with := func(change func(*envelope.ResourceEvent)) envelope.ResourceEvent {
		e := base
		change(&e)
		return e
	}
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for _, tc := range []struct {
		name, line string
		want       envelope.ResourceEvent
		err        string // part of the error
	}{
		{name: "space around", line: " \t\r\n{" + id + "} \t\r\n", want: base},
		{name: "null is absent", line: "{" + id + `,"tags":null,"ts":null,"cost_amount":null,"arn":null}`, want: base},
		{name: "unknown fields", line: "{" + id + `,"colour":{"a":[1,{"b":null}]},"x":"y"}`, want: base},
		{name: "unknown field of 9000 levels", line: "{" + id + `,"x":` + deep(9000) + `}`, want: base},
		{name: "field twice", line: "{" + id + `,"arn":"a","arn":"b"}`, want: with(func(e *envelope.ResourceEvent) { e.ARN = "b" })},
		{name: "list twice", line: "{" + id + `,"ancestors":["a"],"ancestors":["b"]}`, want: with(func(e *envelope.ResourceEvent) { e.Ancestors = []string{"b"} })},
		{name: "escaped name of a field", line: `{"event\u005fid":"6ba7b810-9dad-51d1-80b4-00c04fd430c8"}`, want: base},
		{name: "surrogate pair", line: "{" + id + `,"state":"\ud83d\ude00"}`, want: with(func(e *envelope.ResourceEvent) { e.State = "\U0001f600" })},
		{name: "lone surrogate", line: "{" + id + `,"state":"\ud83dx"}`, want: with(func(e *envelope.ResourceEvent) { e.State = "\ufffdx" })},
		{name: "escaped slash", line: "{" + id + `,"arn":"a\/b","resource_id":"c"}`, want: with(func(e *envelope.ResourceEvent) { e.ARN, e.ResourceID = "a/b", "c" })},
		{name: "amount as a number", line: "{" + id + `,"cost_amount":-1.2E-7}`, want: with(func(e *envelope.ResourceEvent) { e.CostAmount = amount("-0.00000012") })},
		{name: "time with an offset", line: "{" + id + `,"ts":"2026-01-02T01:00:00+02:00"}`, want: with(func(e *envelope.ResourceEvent) {
			e.TS = time.Date(2026, 1, 1, 23, 0, 0, 0, time.UTC)
		})},
		{name: "unknown key in a relation", line: "{" + id + `,"relations":[{"type":"a","x":1,"target_arn":"b"}]}`, want: with(func(e *envelope.ResourceEvent) {
			e.Relations = []envelope.Relation{{Type: "a", TargetARN: "b"}}
		})},

		{name: "empty", line: "", err: "not a JSON object"},
		{name: "array", line: "[]", err: "not a JSON object"},
		{name: "cut", line: "{" + id, err: "not a JSON object"},
		{name: "comma at the end", line: "{" + id + ",}", err: "not a JSON object"},
		{name: "second object", line: "{" + id + "}{}", err: "text after"},
		{name: "open string after", line: "{" + id + `}"`, err: "text after"},
		{name: "open array after", line: "{" + id + `} [`, err: "text after"},
		{name: "sign after", line: "{" + id + `}-`, err: "text after"},
		{name: "number after", line: "{" + id + `}1`, err: "text after"},
		{name: "letter after", line: "{" + id + `}n`, err: "text after"},
		{name: "16 MiB of brackets", line: "{" + id + `,"x":` + strings.Repeat("[", 16<<20), err: `"x"`},
		{name: "raw line feed in a string", line: "{" + id + ",\"arn\":\"secret\n\"}", err: `"arn"`},
		{name: "wrong type", line: "{" + id + `,"arn":["secret"]}`, err: `field "arn": malformed`},
		{name: "null in a map", line: "{" + id + `,"tags":{"k":null}}`, err: `"tags"`},
		{name: "number in a map", line: "{" + id + `,"tags":{"k":7}}`, err: `"tags"`},
		{name: "not a UUID", line: `{"event_id":"secret"}`, err: `"event_id": not a UUID`},
		{name: "UUID in braces", line: `{"event_id":"{6ba7b810-9dad-51d1-80b4-00c04fd430c8}"}`, err: "not a UUID"},
		{name: "UUID without hyphens", line: `{"event_id":"6ba7b8109dad51d180b400c04fd430c8"}`, err: "not a UUID"},
		{name: "not a time", line: `{"ts":"secret"}`, err: `"ts": not an RFC 3339 time`},
		{name: "time with a comma", line: `{"ts":"2026-01-02T03:04:05,678Z"}`, err: "not an RFC 3339 time"},
		{name: "time as a number", line: `{"ts":1700000000}`, err: `"ts"`},
		{name: "not an amount", line: `{"cost_amount":"secret"}`, err: `"cost_amount": not a decimal number`},
		{name: "empty amount", line: `{"cost_amount":""}`, err: "not a decimal number"},
		{name: "amount of a megabyte", line: `{"cost_amount":` + strings.Repeat("9", 1<<20) + `}`, err: "not a decimal number"},
		{name: "metric not finite", line: `{"metric_value":"NaN"}`, err: `"metric_value": not a number`},
		{name: "metric out of range", line: `{"metric_value":1e999}`, err: `"metric_value": not a number a double holds`},
		{name: "metric with a leading zero", line: `{"metric_value":01}`, err: `"metric_value"`},
		{name: "long unknown field", line: `{"` + strings.Repeat("k", 100) + `":tru}`, err: `"` + strings.Repeat("k", 64) + `"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := envelope.DecodeEvent([]byte(tc.line))
			if tc.err == "" {
				if diff := cmp.Diff(tc.want, got, sameEvent()); err != nil || diff != "" {
					t.Errorf("error %v, diff:\n%s", err, diff)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tc.err) {
				t.Fatalf("error %v, want %q", err, tc.err)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the error repeats a value: %v", err)
			}
		})
	}
}

func TestParseAmount(t *testing.T) {
	t.Parallel()
	nines := strings.Repeat("9", 38)
	for _, tc := range []struct{ text, want string }{
		{"0", "0"},
		{"-0.00", "0"},
		{"0e1000", "0"},
		{"-0e-7", "0"},
		{"12.50", "12.5"},
		{"+.5", "0.5"},
		{"5.", "5"},
		{" 7 ", "7"},
		{"1.2E-7", "0.00000012"},
		{"1e+2", "100"},
		{nines + "." + nines, nines + "." + nines},
		{"-" + nines + "." + nines, "-" + nines + "." + nines},
	} {
		t.Run(tc.text, func(t *testing.T) {
			t.Parallel()
			got, err := envelope.ParseAmount(tc.text)
			if err != nil || got.String() != tc.want {
				t.Errorf("got %s, error %v", got, err)
			}
		})
	}
	for _, text := range []string{
		"", " ", ".", "-", "+-5", "--5", "1.2.3", "1e", "1e+", "e5", "1e5.0", "1e5e5", "0x10", "1_000", "1,5", "1 000",
		".-5", ".+5", "1.-5", "NaN", "Inf", "\u0661", "1e99999999999",
		"1e1001", "1e-1001", "0e999999999", "\u22125", strings.Repeat("1", 200),
	} {
		t.Run("refuses "+text[:min(len(text), 20)], func(t *testing.T) {
			t.Parallel()
			if got, err := envelope.ParseAmount(text); err == nil {
				t.Errorf("got %s", got)
			}
		})
	}
}

// The digits of a huge exponent are never written out.
func TestHugeExponentCostsNothing(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ amount, err string }{
		{"1e999999999", `"cost_amount": not a decimal number`},
		{"1e-999999999", `"cost_amount": not a decimal number`},
		{"-7E2147483647", `"cost_amount": not a decimal number`},
		{"1e999", "cost_amount: more than 38 digits before the point"},
		{"1e-999", "cost_amount: more than 38 digits after the point"},
	} {
		for _, line := range []string{`{"cost_amount":"` + tc.amount + `"}`, `{"cost_amount":` + tc.amount + `}`} {
			e, err := envelope.DecodeEvent([]byte(line))
			if err == nil {
				err = e.Validate()
			}
			if err == nil || !strings.Contains(err.Error(), tc.err) {
				t.Errorf("%s: %v", line, err)
			}
			if raw := e.AppendJSON(nil); len(raw) > 200 {
				t.Errorf("%s: %d bytes of JSON", line, len(raw))
			}
		}
	}
}
