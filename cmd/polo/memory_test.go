package main

import "testing"

func TestIngestFlags(t *testing.T) {
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
	for account, ok := range map[string]bool{"000011112222": true, "12": false, "abc": false, "0000111122223": false} {
		if err := (&ingestCmd{Data: "data", Memory: leastMemory, Account: []string{account}}).Validate(); (err == nil) != ok {
			t.Errorf("--account %q: %v", account, err)
		}
	}
	for region, ok := range map[string]bool{"eu-west-1": true, "us-gov-east-1": true, "us-isob-east-1": true, "nowhere": false, "EU-WEST-1": false, "eu-west": false} {
		if err := (&ingestCmd{Data: "data", Memory: leastMemory, Region: region}).Validate(); (err == nil) != ok {
			t.Errorf("--region %q: %v", region, err)
		}
	}
	for size, ok := range map[memory]bool{leastMemory: true, leastMemory - 1: false} {
		if err := (&ingestCmd{Data: "data", Memory: size}).Validate(); (err == nil) != ok {
			t.Errorf("%d: %v", size, err)
		}
	}
}
