package cur_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"polo/envelope"
	"polo/producers/cur"
)

// An unknown column becomes a property of its lines, and the summary names it.
func TestUnknownColumns(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, csv string
		// want holds properties of the one line, columns the summary's columns by name.
		want    map[string]string
		columns map[string]cur.UnknownColumn
	}{
		{
			"every spelling", cur1("lineItem/NewThing", "1", "product/ECU", "2", "x_SkuMeterID", "3", "new_column", "4", "two words", "5", "Größe", "6"),
			map[string]string{"line_item_new_thing": "1", "product_ecu": "2", "x_sku_meter_id": "3", "new_column": "4", "two_words": "5", "größe": "6"},
			map[string]cur.UnknownColumn{
				"lineItem/NewThing": {Property: "line_item_new_thing", Files: 1, Lines: 1}, "product/ECU": {Property: "product_ecu", Files: 1, Lines: 1},
				"x_SkuMeterID": {Property: "x_sku_meter_id", Files: 1, Lines: 1}, "new_column": {Property: "new_column", Files: 1, Lines: 1},
				"two words": {Property: "two_words", Files: 1, Lines: 1}, "Größe": {Property: "größe", Files: 1, Lines: 1},
			},
		},
		{"without a value", cur1("x_New", "null"), map[string]string{"x_new": ""}, map[string]cur.UnknownColumn{"x_New": {Property: "x_new", Files: 1}}},
		{"nothing unknown", cur1("lineItem/Operation", "o"), map[string]string{"operation": "o"}, map[string]cur.UnknownColumn{}},
		{
			"reserved properties", cur1("billing_period", "1999-01-01", "payer_account_id", "1", "Estimated", "true", "unread", "x", "usage_type", "y"),
			map[string]string{
				"billing_period": "2026-02-01", "column_billing_period": "1999-01-01", "payer_account_id": "", "column_payer_account_id": "1", "estimated": "", "column_estimated": "true",
				"unread": "", "column_unread": "x", "usage_type": "", "column_usage_type": "y",
			},
			map[string]cur.UnknownColumn{
				"billing_period": {Property: "column_billing_period", Files: 1, Lines: 1}, "payer_account_id": {Property: "column_payer_account_id", Files: 1, Lines: 1},
				"Estimated": {Property: "column_estimated", Files: 1, Lines: 1}, "unread": {Property: "column_unread", Files: 1, Lines: 1},
				"usage_type": {Property: "column_usage_type", Files: 1, Lines: 1},
			},
		},
		{
			"two with one meaning", focus("x_UsageType", "BoxUsage", "SkuMeter", "meter"),
			map[string]string{"usage_type": "BoxUsage", "sku_meter": "meter"},
			map[string]cur.UnknownColumn{"SkuMeter": {Property: "sku_meter", Files: 1, Lines: 1}},
		},
		{
			"two with one name", focus("x_New", "1", "x-new", "2", "resourceTags/user:a", "3", "resource_tags_user_a", "4"),
			map[string]string{"x_new": "1", "x_new_2": "2", "tag a": "3", "resource_tags_user_a": "4"},
			map[string]cur.UnknownColumn{
				"x_New": {Property: "x_new", Files: 1, Lines: 1}, "x-new": {Property: "x_new_2", Files: 1, Lines: 1},
				"resource_tags_user_a": {Property: "resource_tags_user_a", Files: 1, Lines: 1},
			},
		},
		{
			"no name", cur1("", "1", "§", "2"),
			map[string]string{"column_10": "1", "column": "2"},
			map[string]cur.UnknownColumn{"column 10": {Property: "column_10", Files: 1, Lines: 1}, "§": {Property: "column", Files: 1, Lines: 1}},
		},
		{
			"more than a line holds", cur1("x_a", strings.Repeat("a", 40<<10), "x_b", strings.Repeat("b", 40<<10), "x_c", "c"),
			map[string]string{"x_a": strings.Repeat("a", 40<<10), "x_b": "", "x_c": "c", "unread": "x_b"},
			map[string]cur.UnknownColumn{"x_a": {Property: "x_a", Files: 1, Lines: 1}, "x_b": {Property: "x_b", Files: 1}, "x_c": {Property: "x_c", Files: 1, Lines: 1}},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s, r := collect(t, cur.Files{Input: file(t, "bill.csv", tc.csv)})
			lines := r.Of(envelope.TypeCostAccrued)
			if len(lines) != 1 {
				t.Fatalf("%d lines, want one: %+v", len(lines), r.Failures)
			}
			got := map[string]string{}
			for k := range tc.want {
				got[k] = fieldOf(lines[0], k)
			}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if d := cmp.Diff(tc.columns, s.UnknownColumns); d != "" {
				t.Errorf("columns (-want +got):\n%s", d)
			}
		})
	}
}

// The summary counts files and lines over the whole input, without rejected lines.
func TestUnknownColumnsAreCounted(t *testing.T) {
	t.Parallel()
	one := cur1("x_New", "a")
	row := strings.SplitAfter(one, "\n")[1]
	bad := strings.Replace(row, `"1.5"`, `"none"`, 1)
	first := file(t, "a.csv", one+strings.Replace(row, `"abc"`, `"abd"`, 1)+bad)
	write(t, os.WriteFile(filepath.Join(filepath.Dir(first), "b.csv"), []byte(strings.Replace(one, `"abc"`, `"abe"`, 1)), 0o600))
	s, _ := collect(t, cur.Files{Input: filepath.Dir(first)})
	want := map[string]cur.UnknownColumn{"x_New": {Property: "x_new", Files: 2, Lines: 3}}
	if d := cmp.Diff(want, s.UnknownColumns); d != "" || s.Events != 3 {
		t.Errorf("%d lines; columns (-want +got):\n%s", s.Events, d)
	}
}

// In Parquet, too; a column that cannot be turned into text is named, and its line is kept.
func TestUnknownColumnsOfParquet(t *testing.T) {
	t.Parallel()
	type credit struct {
		ID     string  `parquet:"id"`
		Amount float64 `parquet:"amount"`
	}
	type product struct {
		VCPU   int64  `parquet:"vcpu"`
		Region string `parquet:"region"`
	}
	a := "a"
	e, s := parquetLine(t, struct {
		Start   string            `parquet:"ChargePeriodStart"`
		Cost    string            `parquet:"BilledCost"`
		Meter   string            `parquet:"SkuMeter"`
		New     float64           `parquet:"x_New"`
		Bytes   []byte            `parquet:"x_Bytes"`
		List    []*string         `parquet:"x_List,list"`
		Credits []credit          `parquet:"x_Credits,list"`
		None    []string          `parquet:"x_None,list"`
		Product product           `parquet:"product"`
		Map     map[string]string `parquet:"x_Map"`
		Tags    map[string]string
	}{
		"2026-02-03", "2.50", "meter", 0.1,
		[]byte{0xff, 0},
		[]*string{&a, nil},
		[]credit{{"1", 0.5}, {"2", -1}},
		nil,
		product{8, "eu-west-1"},
		map[string]string{"k": "v"},
		map[string]string{"marqo_customer": "acme", "accountTag/marqo_customer": "other"},
	})
	want := map[string]string{
		"cost": "2.5", "usage_type": "meter", "x_new": "0.1", "x_map": `{"k":"v"}`, "unread": "x_Bytes", "x_list": `["a",null]`, "x_credits_id": `["1","2"]`, "x_credits_amount": `["0.5","-1"]`, "product_vcpu": "8", "region": "eu-west-1", "x_bytes": "", "customer": "acme",
		"account_tags": `{"marqo_customer":"other"}`,
	}
	got := map[string]string{}
	for k := range want {
		got[k] = fieldOf(e, k)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	columns := map[string]cur.UnknownColumn{
		"x_New": {Property: "x_new", Files: 1, Lines: 1}, "x_Bytes": {Property: "x_bytes", Files: 1}, "x_Map": {Property: "x_map", Files: 1, Lines: 1},
		"x_List": {Property: "x_list", Files: 1, Lines: 1}, "x_None": {Property: "x_none", Files: 1}, "product/vcpu": {Property: "product_vcpu", Files: 1, Lines: 1},
		"x_Credits/id": {Property: "x_credits_id", Files: 1, Lines: 1}, "x_Credits/amount": {Property: "x_credits_amount", Files: 1, Lines: 1},
	}
	if d := cmp.Diff(columns, s.UnknownColumns); d != "" {
		t.Errorf("columns (-want +got):\n%s", d)
	}
	if d := cmp.Diff(map[string]int64{"x_Bytes": 1}, s.Unread); d != "" {
		t.Errorf("unread (-want +got):\n%s", d)
	}
}

// parquetLine returns the one line of a Parquet file.
func parquetLine[T any](t *testing.T, row T) (envelope.ResourceEvent, cur.Summary) {
	t.Helper()
	var b bytes.Buffer
	w := parquet.NewGenericWriter[T](&b)
	if _, err := w.Write([]T{row}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	s, r := collect(t, cur.Files{Input: file(t, "bill.parquet", b.String())})
	lines := r.Of(envelope.TypeCostAccrued)
	if len(lines) != 1 {
		t.Fatalf("%d lines, want one: %+v", len(lines), r.Failures)
	}
	return lines[0], s
}

// A bill with too many columns is rejected with that reason; a file that is not a bill is
// skipped.
func TestTooManyColumns(t *testing.T) {
	t.Parallel()
	var more []string
	for range 10_000 {
		more = append(more, "x", "")
	}
	_, r := collect(t, cur.Files{Input: file(t, "bill.csv", cur1(more...))})
	if len(r.Failures) != 1 || !strings.Contains(r.Failures[0].Err, "10009 columns") {
		t.Errorf("failures: %+v", r.Failures)
	}
}

// AWS's one map of tags is split by what each tag belongs to.
func TestTagsOfOneMap(t *testing.T) {
	t.Parallel()
	const all = `{"resourceTags/env":"prod","resourceTags/user:team":"search","resourceTags/a/b":"c","resourceTags/user_id":"7","userAttribute/Env":"B","accountTag/env":"C",` +
		`"accountTag/marqo_customer":"wrong","iamPrincipal/marqo_customer":"wrong","costCategory/team":"red"}`
	want := map[string]string{
		"tag env": "prod", "tag team": "search", "tag a/b": "c", "tag user_id": "7", "tag accountTag/env": "", "customer": "", "cost_categories": `{"team":"red"}`,
		"account_tags": `{"env":"C","marqo_customer":"wrong"}`, "user_attributes": `{"Env":"B"}`, "principal_tags": `{"marqo_customer":"wrong"}`,
	}
	for _, tc := range []struct {
		name, csv string
		// more holds what differs from above.
		more map[string]string
	}{
		{"CUR 2.0", cur1("tags", all), nil},
		{"FOCUS", focus("Tags", all, "ProviderName", "AWS"), nil},
		{"beside the older columns", cur1("tags", all, "resource_tags", `{"user_env":"old","user_marqo_customer":"acme"}`, "cost_category", `{"team":"old","unit":"b"}`), map[string]string{
			"tag marqo_customer": "acme", "customer": "acme", "cost_categories": `{"team":"red","unit":"b"}`,
		}},
		{"a customer tag of the resource", cur1("tags", strings.Replace(all, "{", `{"resourceTags/marqo_customer":"acme",`, 1)), map[string]string{"customer": "acme"}},
		{"keys as they are", focus("Tags", strings.Replace(all, "{", `{"kubernetes.io/cluster/x":"owned","user_a":"b","accountTag":"n","accountTag/":"o",`, 1)), map[string]string{
			"tag kubernetes.io/cluster/x": "owned", "tag user_a": "b", "tag accountTag": "n", "tag accountTag/": "o",
		}},
		{"a list of pairs", focus("Tags", pairsOf(all)), nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			e := only(t, tc.csv)
			want, got := maps(want, tc.more), map[string]string{}
			for k := range want {
				got[k] = fieldOf(e, k)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// pairsOf turns an object of texts into a list of keys and values.
func pairsOf(object string) string {
	r := strings.NewReplacer(`{"`, `[{"key":"`, `":"`, `","value":"`, `","`, `"},{"key":"`, `"}`, `"}]`)
	return r.Replace(object)
}

func maps(a, b map[string]string) map[string]string {
	all := map[string]string{}
	for _, m := range []map[string]string{a, b} {
		for k, v := range m {
			all[k] = v
		}
	}
	return all
}

// The columns of FOCUS 1.1 to 1.3.
func TestFOCUSColumns(t *testing.T) {
	t.Parallel()
	s, r := collect(t, cur.Files{Input: file(t, "bill.csv", focus(
		"SkuMeter", "EUW1-BoxUsage:t3.micro", "SkuPriceDetails", `{"CoreCount":2}`, "ServiceSubcategory", "Virtual Machines", "CapacityReservationId", "cr-1",
		"CapacityReservationStatus", "Unused", "CommitmentDiscountQuantity", "1", "CommitmentDiscountUnit", "Hour", "BillingAccountType", "Payer", "SubAccountType", "Linked",
		"InvoiceId", "77", "PricingCurrency", "EUR", "PricingCurrencyContractedUnitPrice", "0.7", "PricingCurrencyEffectiveCost", "7E-1", "PricingCurrencyListUnitPrice", "0.8",
		"HostProviderName", "AWS", "ServiceProviderName", "AWS", "AllocatedMethodId", "m", "AllocatedMethodDetails", "{}", "AllocatedResourceId", "ar", "AllocatedResourceName", "an",
		"AllocatedTags", `{"a":"b"}`, "ContractApplied", `{"c":1}`, "x_Operation", "RunInstances", "x_ServiceCode", "AmazonEC2", "x_Discounts", `{"edp":-0.1}`,
		"ConsumedQuantity", "3", "ConsumedUnit", "Hours", "PricingQuantity", "1", "PricingUnit", "100 Hours",
	))})
	if len(s.UnknownColumns) > 0 || s.Events != 1 {
		t.Fatalf("%d lines, unknown: %v", s.Events, s.UnknownColumns)
	}
	want := map[string]string{
		"usage_type": "EUW1-BoxUsage:t3.micro", "sku_price_details": `{"CoreCount":2}`, "service_subcategory": "Virtual Machines", "capacity_reservation_id": "cr-1",
		"capacity_reservation_status": "Unused", "commitment_discount_quantity": "1", "commitment_discount_unit": "Hour", "billing_account_type": "Payer", "sub_account_type": "Linked",
		"invoice_id": "77", "pricing_currency": "EUR", "pricing_currency_rate": "0.7", "pricing_currency_effective_cost": "0.7", "pricing_currency_list_rate": "0.8",
		"host_provider": "AWS", "service_provider": "AWS", "allocated_method_id": "m", "allocated_method_details": "{}", "allocated_resource_id": "ar", "allocated_resource_name": "an",
		"allocated_tags": `{"a":"b"}`, "contract_applied": `{"c":1}`, "operation": "RunInstances", "product_code": "AmazonEC2", "discounts": `{"edp":-0.1}`,
		"unit": "Hours", "pricing_unit": "100 Hours", "source": "aws.cur", "platform": "aws",
	}
	got := map[string]string{}
	for k := range want {
		got[k] = fieldOf(r.Of(envelope.TypeCostAccrued)[0], k)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// A line, and the completion of its bill, have the source of the provider that bills it.
func TestProviders(t *testing.T) {
	t.Parallel()
	period := []string{"BillingPeriodStart", "2026-02-01", "BillingPeriodEnd", "2026-03-01"}
	for _, tc := range []struct {
		name            string
		columns         []string
		source, platfrm string
	}{
		{"no name", nil, "aws.cur", "aws"},
		{"AWS", []string{"ProviderName", "AWS"}, "aws.cur", "aws"},
		{"an Amazon company", []string{"ProviderName", "Amazon Web Services EMEA SARL"}, "aws.cur", "aws"},
		{"Azure", []string{"ProviderName", "Microsoft"}, "azure.cost", "azure"},
		{"Azure's marketplace", []string{"ProviderName", "Microsoft Azure", "PublisherName", "Amazon"}, "azure.cost", "azure"},
		{"Google", []string{"ProviderName", "Google Cloud"}, "gcp.cost", "gcp"},
		{"Oracle", []string{"ProviderName", "Oracle Cloud Infrastructure"}, "oci.cost", "oci"},
		{"FOCUS 1.3", []string{"ServiceProviderName", "Google", "HostProviderName", "AWS"}, "gcp.cost", "gcp"},
		{"a provider that is empty", []string{"ProviderName", "NULL", "ServiceProviderName", "Oracle"}, "oci.cost", "oci"},
		{"a publisher alone", []string{"PublisherName", "Microsoft"}, "azure.cost", "azure"},
		{"a publisher that is not a cloud", []string{"PublisherName", "Red Hat, Inc."}, "aws.cur", "aws"},
		{"an invoice alone", []string{"InvoiceIssuerName", "Oracle America, Inc."}, "oci.cost", "oci"},
		{"another", []string{"ProviderName", "Alibaba Cloud (Intl.)"}, "alibaba-cloud-intl.cost", "alibaba-cloud-intl"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, r := collect(t, cur.Files{Input: file(t, "bill.csv", focus(append(period, tc.columns...)...))})
			for _, typ := range []string{envelope.TypeCostAccrued, envelope.TypeScanCompleted} {
				events := r.Of(typ)
				if len(events) != 1 || events[0].Source != tc.source || events[0].Platform != tc.platfrm {
					t.Errorf("%s: %+v, want one of %s, platform %s", typ, events, tc.source, tc.platfrm)
				}
			}
		})
	}
}

// Bills of one payer from two providers are two bills, each with its own completion.
func TestProvidersOfOnePayer(t *testing.T) {
	t.Parallel()
	one := focus("BillingPeriodStart", "2026-02-01", "BillingPeriodEnd", "2026-03-01", "ProviderName", "AWS")
	two := strings.Replace(strings.SplitAfter(one, "\n")[1], `"AWS"`, `"Microsoft"`, 1)
	s, r := collect(t, cur.Files{Input: file(t, "bill.csv", one+two)})
	var sources []string
	for _, typ := range []string{envelope.TypeCostAccrued, envelope.TypeScanCompleted} {
		for _, e := range r.Of(typ) {
			sources = append(sources, e.EventType+" "+e.Source)
		}
	}
	want := []string{"cost.accrued aws.cur", "cost.accrued azure.cost", "scan.completed aws.cur", "scan.completed azure.cost"}
	if d := cmp.Diff(want, sources); d != "" || len(s.Bills) != 2 {
		t.Errorf("bills %+v (-want +got):\n%s", s.Bills, d)
	}
}

// CUR 2.0 with its one column of tags, and FOCUS 1.2 as AWS exports it.
func TestExports(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		file string
		want map[string]string
	}{
		{"cur2-tags-column.csv", map[string]string{
			"cost": "1.5", "customer": "acme", "tag env": "prod", "tag marqo_customer": "acme", "account_tags": `{"env":"C","marqo_customer":"wrongco"}`,
			"user_attributes": `{"Env":"B"}`, "cost_categories": `{"team":"red"}`, "source": "aws.cur", "product_name": "Amazon Elastic Compute Cloud", "product_region": "eu-west-1",
		}},
		{"focus-1.2.csv", map[string]string{
			"cost": "1", "effective_cost": "0.8", "usage_type": "EUW1-BoxUsage:t3.micro", "sku_price_details": `{"CoreCount":2}`, "pricing_currency": "EUR",
			"pricing_currency_effective_cost": "0.7", "service_subcategory": "Virtual Machines", "billing_account_type": "Payer", "sub_account_type": "Linked", "customer": "acme",
			"account_tags": `{"marqo_customer":"other"}`, "cost_categories": `{"team":"red"}`, "source": "aws.cur", "operation": "RunInstances", "discounts": `{"edp":-0.1}`,
		}},
	} {
		t.Run(tc.file, func(t *testing.T) {
			t.Parallel()
			s, r := collect(t, cur.Files{Input: filepath.Join("testdata", tc.file)})
			if s.Events != 1 || len(s.UnknownColumns)+len(s.Unread) > 0 {
				t.Fatalf("%+v", s)
			}
			got := map[string]string{}
			for k := range tc.want {
				got[k] = fieldOf(r.Of(envelope.TypeCostAccrued)[0], k)
			}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}
