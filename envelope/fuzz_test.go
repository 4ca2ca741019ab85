package envelope_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
)

func FuzzDecode(f *testing.F) {
	full, minimal := fullEvent(), minimalEvent()
	f.Add(pack(f, full.AppendJSON(nil), minimal.AppendJSON(nil)))
	f.Add([]byte(compressed(f, "{}\n{\"state\":\"a\"}\n").String()))
	f.Add([]byte(readable(`{"arn":"x"}`, "7").String()))
	f.Add([]byte(`{"v":2}`))
	bounds := envelope.Bounds{MaxBody: 64 << 10, MaxRaw: 1 << 20, MaxEvents: 1000, MaxRatio: 1000}
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := decoderWith(t, bounds).Decode(body)
		if err != nil {
			if kinds(err) != 1 {
				t.Errorf("an error of %d kinds: %v", kinds(err), err)
			}
			return
		}
		if !json.Valid(body) && utf8.Valid(body) {
			t.Error("a message that is not JSON decodes")
		}
		for _, l := range p.Lines {
			_, _ = l.Event.Validate(), envelope.RowVersion(l.Event.ObservedAt, l.Raw)
		}
	})
}

// A line that decodes is the same after it is encoded and decoded again.
func FuzzDecodeEvent(f *testing.F) {
	full, minimal := fullEvent(), minimalEvent()
	f.Add(full.AppendJSON(nil))
	f.Add(minimal.AppendJSON(nil))
	f.Add([]byte(`{"state":"\ud83d\u0000\/","cost_amount":1.20e-3,"tags":{"a":"\uffff"},"x":[{}]} `))
	f.Add([]byte(`{"metric_value":-1e-300,"ts":"2026-01-02T03:04:05.123456789+01:30"}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		e, err := envelope.DecodeEvent(line)
		if err != nil {
			return
		}
		if utf8.Valid(line) && !json.Valid(line) {
			t.Error("a line that is not JSON decodes")
		}
		raw := e.AppendJSON(nil)
		if !json.Valid(raw) || !utf8.Valid(raw) || bytes.ContainsAny(raw, "\n\ufffe\uffff") {
			t.Fatalf("not one line of JSON that a queue carries: %q", raw)
		}
		faulty := e.Validate() != nil
		back, err := envelope.DecodeEvent(raw)
		if err != nil {
			// What no valid event holds, such as the year 0, need not survive.
			if !faulty {
				t.Fatalf("a valid event does not decode again: %v", err)
			}
			return
		}
		if again := back.AppendJSON(nil); !bytes.Equal(raw, again) {
			t.Errorf("not the same again:\n%s\n%s", raw, again)
		}
		if diff := cmp.Diff(e, back, sameEvent()); !faulty && diff != "" {
			t.Errorf("a valid event changes in a round trip:\n%s", diff)
		}
	})
}

func FuzzParseARN(f *testing.F) {
	for _, s := range []string{
		"arn:aws:ec2:us-east-1:111122223333:instance/i-0", "arn:aws:s3:::b/k", "arn:aws:sns:r:1:t:u", "github:o/r/pull/1",
		"arn:aws:apigateway:r::/restapis/a/stages/b", "arn:aws:wafv2:r:1:regional/webacl/a/b", "datadog:org/o/monitor/1", "arn:aws:logs:r:1:log-group:g:*",
		"arn:aws:codepipeline:r:1:a/b/c", "arn:aws:sts::1:x", "cloudflare:zone/z", "arn:aws-cn:iam::1:root",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := envelope.ParseARN(s)
		if err != nil {
			return
		}
		if got := a.String(); got != s {
			t.Errorf("%q becomes %q", s, got)
		}
		typ, _ := a.SplitResource()
		if got := a.ResourceType(); got == "" || typ != "" && got[len(got)-len(typ):] != typ {
			t.Errorf("type %q in %q", typ, got)
		}
	})
}

func FuzzParseAmount(f *testing.F) {
	for _, s := range []string{"0", "-1.50", "1.2E-7", ".5", "5.", "1e1000", "99999999999999999999.99999999999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := envelope.ParseAmount(s)
		if err != nil {
			return
		}
		e := envelope.ResourceEvent{}
		e.CostAmount.Decimal, e.CostAmount.Valid = d, true
		back, err := envelope.DecodeEvent(e.AppendJSON(nil))
		if err != nil || !back.CostAmount.Valid || !back.CostAmount.Decimal.Equal(d) {
			t.Errorf("%q: %s becomes %s, error %v", s, d, back.CostAmount.Decimal, err)
		}
	})
}
