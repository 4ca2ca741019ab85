package main

import (
	"strings"
	"testing"
)

func TestReadRates(t *testing.T) {
	t.Parallel()
	rates, err := readRates(strings.NewReader("\ufeffRate, Day ,currency,target,note\n1.083200000000000001,2026-03-01,eur,USD,x\n0,2026-03-02,EUR,USD,taken back\n"))
	if err != nil || len(rates) != 2 || rates[0].currency != "EUR" || rates[0].rate.String() != "1.083200000000000001" || !rates[1].rate.IsZero() {
		t.Fatalf("%v, %v", rates, err)
	}
	for text, says := range map[string]string{
		"":                         "empty",
		"currency,target,day\n":    "column rate",
		"currency,target,day,rate": "no rate",
		"currency,target,day,rate\nEUR,USD,2026-03-01,1\nEUR,EUR,2026-02-30,-1\n":          "line 3",
		"currency,target,day,rate\nEUR,USD,2026-03-01\n":                                   "wrong number of fields",
		"currency,target,day,rate\nEUR,USD,2026-03-01,1e2\n":                               "no rate such as",
		"currency,target,day,rate\nEUR,USD,2026-03-01,1.0000000000000000001\n":             "18 digits",
		"currency,target,day,rate\nEUR,USD,2026-03-01,1\neur,usd,2026-03-01,1\n":           "line 3: line 2 also says what EUR in USD from 2026-03-01 is worth",
		"currency,target,day,rate\nTokens,USD,2026-03-01,1\n":                              "no currency",
		"currency,target,day,rate\n" + strings.Repeat("EUR,USD,2026-03-01,x\n", maxFaults): "line 21",
	} {
		if _, err := readRates(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, not %q", text, err, says)
		}
	}
}
