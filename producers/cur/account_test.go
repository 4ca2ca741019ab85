package cur_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/producers/cur"
)

// An account id that a spreadsheet changed is padded if all its digits are there. If not, the row
// is rejected and the error names the column.
func TestAccounts(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ text, want string }{
		{"000011112222", "000011112222"},
		{"11112222", "000011112222"},
		{"0", "000000000000"},
		{"1.1112222E7", "000011112222"},
		{"1.1112222e+07", "000011112222"},
		{"11112222.0", "000011112222"},
		{"1.11122223333E+11", "111122223333"},
		{"1.11122223333000E+11", "111122223333"},
		{"111122223333", "111122223333"},
		{"4090136019287", "4090136019287"},
		{"1.1112E7", ""},
		{"1.11122E+11", ""},
		{"1E11", ""},
		{"11112222.5", ""},
		{"1.111222233334E+12", ""},
		{"abc", "abc"},
		{"E5", "E5"},
		{"1E", "1E"},
		{"1.E7", "1.E7"},
		{".5E7", ".5E7"},
		{"-1", "-1"},
		{"1E999", "1E999"},
	} {
		for _, column := range []string{"lineItem/UsageAccountId", "bill/PayerAccountId"} {
			t.Run(tc.text+" as "+column, func(t *testing.T) {
				t.Parallel()
				other := map[string]string{"lineItem/UsageAccountId": "bill/PayerAccountId", "bill/PayerAccountId": "lineItem/UsageAccountId"}[column]
				csv := strings.Replace(strings.Replace(cur1(other, "999999999999", column, tc.text), `"`+other+`"`, `"old 1"`, 1), `"`+column+`"`, `"old 2"`, 1)
				_, r := collect(t, cur.Files{Input: file(t, "bill.csv", csv)})
				if tc.want == "" {
					if len(r.Failures) != 1 || r.Failures[0].Err != column+": the account id has lost digits" || len(r.Of(envelope.TypeScanCompleted)) > 0 {
						t.Errorf("failures %+v, completed %v", r.Failures, completions(r))
					}
					return
				}
				lines := r.Of(envelope.TypeCostAccrued)
				if len(lines) != 1 {
					t.Fatalf("%d lines: %+v", len(lines), r.Failures)
				}
				got := lines[0].AccountID
				if column == "bill/PayerAccountId" {
					got = lines[0].Properties.Get(envelope.PropPayerAccount)
				}
				if got != tc.want {
					t.Errorf("%q, want %q", got, tc.want)
				}
			})
		}
	}
	for _, provider := range []string{"Oracle", "Microsoft"} {
		if e := only(t, strings.Replace(focus("ProviderName", provider), `"000000000042","000000000042"`, `"20209880","7"`, 1)); e.AccountID != "7" {
			t.Errorf("%s: account %q, want 7: it is not an AWS id", provider, e.AccountID)
		}
	}
}

// A payer spelt in two ways has one bill.
func TestAccountsOfOneBill(t *testing.T) {
	t.Parallel()
	one := strings.NewReplacer(`"000000000042"`, `"000011112222"`).Replace(cur1())
	two := strings.NewReplacer(`"abc"`, `"abd"`, `"000011112222"`, `"1.1112222E7"`).Replace(strings.SplitAfter(one, "\n")[1])
	s, r := collect(t, cur.Files{Input: file(t, "bill.csv", one+two)})
	if d := cmp.Diff([]string{"000011112222 2026-02-01 2026-03-01"}, completions(r)); d != "" || s.Events != 2 || len(s.Bills) != 1 {
		t.Errorf("%+v (-want +got):\n%s", s, d)
	}
}

// A currency is an ISO 4217 code in capitals; any other unit is a property.
// A failure has the account of its row as far as that states one, else the one of the report.
func TestFailuresHaveAccounts(t *testing.T) {
	t.Parallel()
	const header = "lineItem/UsageStartDate,lineItem/UnblendedCost,lineItem/CurrencyCode,lineItem/UsageAccountId,bill/PayerAccountId\n"
	for name, c := range map[string]struct {
		rows string
		want []string
	}{
		"the usage's": {"2026-02-01T00:00:00Z,many,USD,000000000042,012345678901\n", []string{"000000000042"}},
		"the payer's": {"2026-02-01T00:00:00Z,many,USD,,012345678901\n", []string{"012345678901"}},
		"of no time":  {"soon,1,USD,000000000042,012345678901\n", []string{"000000000042"}},
		"not stated":  {"2026-02-01T00:00:00Z,many,USD,,\n", []string{""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, r := collect(t, cur.Files{Input: file(t, "bill.csv", header+c.rows)})
			var got []string
			for _, f := range r.Failures {
				got = append(got, f.AccountID)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("accounts %q, want %q", got, c.want)
			}
		})
	}
}

func TestCurrencies(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ text, currency, property string }{
		{"USD", "USD", ""},
		{"eur", "EUR", ""},
		{"Eur", "EUR", ""},
		{"HRK", "HRK", ""},
		{"Tokens", "XXX", "Tokens"},
		{"ABC", "XXX", "ABC"},
		{"US Dollar", "XXX", "US Dollar"},
		{"D E", "XXX", "D E"},
		{"", "CHF", ""},
		{"null", "CHF", ""},
		{"XXX", "XXX", ""},
	} {
		t.Run(tc.text, func(t *testing.T) {
			t.Parallel()
			csv := strings.Replace(cur1(), `"USD"`, `"`+tc.text+`"`, 1)
			s, r := collect(t, cur.Files{Input: file(t, "bill.csv", csv), Currency: "CHF"})
			lines := r.Of(envelope.TypeCostAccrued)
			if len(lines) != 1 || lines[0].Currency != tc.currency || lines[0].Properties.Get("billing_currency") != tc.property || s.Sums[0].Currency != tc.currency {
				t.Errorf("%+v, sums %+v, failures %+v", lines, s.Sums, r.Failures)
			}
		})
	}
}
