package cloudwatch_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"polo/producers/emittertest"

	"github.com/aws/smithy-go/encoding/cbor"

	"polo/envelope"
	"polo/internal/account"
	"polo/internal/awstest"
	"polo/producers"
	"polo/producers/cloudwatch"
)

const (
	accountID = "012345678901"
	region    = "eu-west-1"
)

// window is the window of the tests' runs, scheduled their scheduled time.
var (
	scheduled = time.Date(2026, 3, 1, 12, 7, 30, 0, time.UTC)
	window    = producers.Window{From: scheduled.Add(-20 * time.Minute), To: scheduled}
)

// api is a fake CloudWatch that speaks the CBOR protocol, as the SDK does.
type api struct {
	*awstest.API

	mu  sync.Mutex
	ins []cbor.Map
}

// serve starts an API; answer returns an error's code, or the response, to a call.
func serve(t testing.TB, answer func(call string, in cbor.Map) (string, cbor.Map)) *api {
	t.Helper()
	a := &api{}
	a.API = awstest.Serve(t, func(call string, body []byte) (int, []byte) {
		in, err := cbor.Decode(body)
		asked, ok := in.(cbor.Map)
		if err != nil || !ok {
			return http.StatusBadRequest, nil
		}
		a.mu.Lock()
		a.ins = append(a.ins, asked)
		a.mu.Unlock()
		code, out := answer(call, asked)
		if code != "" {
			return http.StatusBadRequest, cbor.Encode(cbor.Map{"__type": cbor.String("com.amazonaws.cloudwatch#" + code), "message": cbor.String("no")})
		}
		return http.StatusOK, cbor.Encode(out)
	})
	return a
}

// text returns a member's text, "" if it is missing.
func text(v cbor.Value, path ...string) string {
	for _, p := range path {
		m, _ := v.(cbor.Map)
		v = m[p]
	}
	s, _ := v.(cbor.String)
	return string(s)
}

// requested returns the ids of the series of a request.
func requested(in cbor.Map) []string {
	var ids []string
	list, _ := in["MetricDataQueries"].(cbor.List)
	for _, q := range list {
		ids = append(ids, text(q, "Id"))
	}
	return ids
}

// seriesAnswer returns the answer for a series, with a value for each minute from 12:00 on.
func seriesAnswer(id, status string, values ...float64) cbor.Map {
	var times, numbers cbor.List
	for i, v := range values {
		at := time.Date(2026, 3, 1, 12, i, 0, 0, time.UTC)
		times = append(times, &cbor.Tag{ID: 1, Value: cbor.Uint(at.Unix())})
		numbers = append(numbers, cbor.Float64(v))
	}
	return cbor.Map{"Id": cbor.String(id), "Label": cbor.String("x"), "StatusCode": cbor.String(status), "Timestamps": times, "Values": numbers}
}

func results(token string, all ...cbor.Value) cbor.Map {
	m := cbor.Map{"MetricDataResults": cbor.List(all), "Messages": cbor.List{}}
	if token != "" {
		m["NextToken"] = cbor.String(token)
	}
	return m
}

// recorder keeps the events that a run publishes.
type recorder struct{ emittertest.Recorder }

// samples returns the events as "time value arn".
func (r *recorder) samples() []string {
	var out []string
	for _, e := range r.Of(envelope.TypeMetricSampled) {
		out = append(out, fmt.Sprintf("%s %g %s", e.TS.Format("15:04"), *e.MetricValue, e.ARN))
	}
	return out
}

// collect runs the collector of a configuration.
func collect(t testing.TB, sessions cloudwatch.Sessions, config string, budget int64) (*recorder, producers.Summary) {
	t.Helper()
	c, err := cloudwatch.ParseConfig([]byte(config))
	if err != nil {
		t.Fatal(err)
	}
	collector, err := cloudwatch.New(c, sessions)
	if err != nil {
		t.Fatal(err)
	}
	rec := &recorder{}
	sum, err := producers.Run(t.Context(), producers.RunConfig{
		Collector: collector, Accounts: []account.Account{{ID: accountID, Role: "production"}}, Regions: []string{region}, Emitter: rec,
		Scheduled: scheduled, Window: window, BudgetMicros: budget,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range rec.Events {
		if err := e.Validate(); err != nil {
			t.Error(err)
		}
	}
	return rec, sum
}
