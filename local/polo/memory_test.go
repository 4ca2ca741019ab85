package main

import "testing"

func TestMemory(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]memory{
		"512MiB": 512 << 20, "2GiB": 2 << 30, "300000 KiB": 300_000 << 10, "536870912": 512 << 20,
		"512MB": -1, "": -1, "-1GiB": -1, "9999999999GiB": -1, "1.5GiB": -1,
	} {
		var m memory
		if err := m.UnmarshalText([]byte(text)); (err != nil) != (want < 0) || err == nil && m != want {
			t.Errorf("%q is %d, %v", text, m, err)
		}
	}
	for size, ok := range map[memory]bool{leastMemory: true, leastMemory - 1: false} {
		if err := (&ingestCmd{Data: "data", Memory: size}).Validate(); (err == nil) != ok {
			t.Errorf("%d: %v", size, err)
		}
	}
}
