package envelope_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
)

func TestPairs(t *testing.T) {
	t.Parallel()
	var p envelope.Pairs
	for _, kv := range []string{"m", "z", "a", "m", "b", ""} {
		p.Set(kv, kv+"0")
	}
	p.Set("m", "1")
	p.SetSome("q", "")
	p.SetSome("c", "2")
	want := envelope.Pairs{{Key: "", Value: "0"}, {Key: "a", Value: "a0"}, {Key: "b", Value: "b0"}, {Key: "c", Value: "2"}, {Key: "m", Value: "1"}, {Key: "z", Value: "z0"}}
	if d := cmp.Diff(want, p); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if p.Get("m") != "1" || p.Get("mm") != "" || !p.Has("") || p.Has("q") {
		t.Errorf("look-ups fail in %v", p)
	}
	if d := cmp.Diff(want, envelope.PairsOf(map[string]string{"m": "1", "": "0", "z": "z0", "b": "b0", "c": "2", "a": "a0"})); d != "" {
		t.Errorf("of a map -want +got:\n%s", d)
	}
}

func TestUntrustedPairsAreSorted(t *testing.T) {
	t.Parallel()
	e, err := envelope.DecodeEvent([]byte(`{"tags":{"b":"1","a":"2","b":"3","a":"4","c":"5"},"properties":{"x":"1","x":"2"}}`))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(envelope.Pairs{{Key: "a", Value: "4"}, {Key: "b", Value: "3"}, {Key: "c", Value: "5"}}, e.Tags); d != "" {
		t.Errorf("tags -want +got:\n%s", d)
	}
	if d := cmp.Diff(envelope.Pairs{{Key: "x", Value: "2"}}, e.Properties); d != "" {
		t.Errorf("properties -want +got:\n%s", d)
	}
}
