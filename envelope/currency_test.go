package envelope_test

import (
	"testing"

	"polo/envelope"
)

func TestParseCurrency(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"USD": "USD", "eur": "EUR", "Nok": "NOK", "XXX": "XXX", "AED": "AED", "ZWL": "ZWL",
		"": "", "Tokens": "", "N/A": "", "ABC": "", "US": "", "USDX": "", "D E": "", " US": "", "ＵＳＤ": "",
	} {
		if code, ok := envelope.ParseCurrency(text); code != want || ok != (want != "") {
			t.Errorf("%q is %q, %v; want %q", text, code, ok, want)
		}
	}
}
