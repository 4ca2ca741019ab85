package cur_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"polo/envelope"
	"polo/producers/cur"
)

// only returns the one line of a CSV bill.
func only(t *testing.T, csv string) envelope.ResourceEvent {
	t.Helper()
	s, r := collect(t, cur.Files{Input: file(t, "bill.csv", csv)})
	lines := r.Of(envelope.TypeCostAccrued)
	if len(lines) != 1 {
		t.Fatalf("%d lines, want one: %+v %+v", len(lines), s, r.Failures)
	}
	return lines[0]
}

// row returns a bill of one row; pairs are columns and values in turn.
func row(pairs ...string) string {
	var names, values []string
	for i := 0; i < len(pairs); i += 2 {
		names = append(names, `"`+strings.ReplaceAll(pairs[i], `"`, `""`)+`"`)
		values = append(values, `"`+strings.ReplaceAll(pairs[i+1], `"`, `""`)+`"`)
	}
	return strings.Join(names, ",") + "\n" + strings.Join(values, ",") + "\n"
}

// cur1 and focus return a row with what every line needs, and more.
func cur1(more ...string) string {
	return row(append([]string{
		"identity/LineItemId", "abc", "lineItem/UsageStartDate", "2026-02-03T04:00:00Z", "lineItem/UsageEndDate", "2026-02-03T05:00:00Z",
		"lineItem/UnblendedCost", "1.5", "lineItem/CurrencyCode", "USD", "lineItem/UsageAccountId", "000000000042", "bill/PayerAccountId", "000000000042",
		"bill/BillingPeriodStartDate", "2026-02-01T00:00:00Z", "bill/BillingPeriodEndDate", "2026-03-01T00:00:00Z",
	}, more...)...)
}

func focus(more ...string) string {
	return row(append([]string{
		"ChargePeriodStart", "2026-02-03 04:00:00", "ChargePeriodEnd", "2026-02-03 05:00:00", "BilledCost", "1.5", "BillingCurrency", "USD",
		"BillingAccountId", "000000000042", "SubAccountId", "000000000042",
	}, more...)...)
}

// Columns map to fields and properties of the event.
func TestFields(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, csv string
		// want holds fields and properties of the event.
		want map[string]string
	}{
		{"only what every line needs", cur1(), map[string]string{
			"ts": "2026-02-03T04:00:00.000Z", "period_end": "2026-02-03T05:00:00.000Z", "cost": "1.5", "currency": "USD", "account": "000000000042",
			"billing_period": "2026-02-01", "payer_account_id": "", "report_account": "", "estimated": "", "type": "cost.accrued", "source": "aws.cur", "effective_cost": "1.5",
		}},
		{
			"snake case", strings.NewReplacer("lineItem/UnblendedCost", "line_item_unblended_cost", "lineItem/UsageStartDate", "line_item_usage_start_date").Replace(cur1()),
			map[string]string{"cost": "1.5", "ts": "2026-02-03T04:00:00.000Z"},
		},
		{"a payer, and another month's bill", strings.NewReplacer("2026-02-03", "2026-01-31").Replace(
			strings.Replace(cur1(), `"000000000042","2026-02-01`, `"000000000001","2026-02-01`, 1)), map[string]string{
			"account": "000000000042", "payer_account_id": "000000000001", "billing_period": "2026-02-01",
		}},
		{"no account but the payer", strings.Replace(cur1(), "lineItem/UsageAccountId", "x", 1), map[string]string{"account": "000000000042", "payer_account_id": ""}},
		{"not final", cur1("bill/InvoiceId", ""), map[string]string{"estimated": "true"}},
		{"final", cur1("bill/InvoiceId", "77"), map[string]string{"estimated": "", "invoice_id": "77"}},
		{"costs of every kind", cur1("lineItem/BlendedCost", "1E-7", "lineItem/NetUnblendedCost", "-2.50", "pricing/publicOnDemandCost", "+3"), map[string]string{
			"blended_cost": "0.0000001", "net_unblended_cost": "-2.50", "list_cost": "3", "net_effective_cost": "-2.5",
		}},
		{"a covered hour", cur1("lineItem/LineItemType", "SavingsPlanCoveredUsage", "savingsPlan/SavingsPlanEffectiveCost", "0.1"), map[string]string{"effective_cost": "0.1"}},
		{
			"a plan's fee", cur1("lineItem/LineItemType", "SavingsPlanRecurringFee", "savingsPlan/TotalCommitmentToDate", "10", "savingsPlan/UsedCommitment", "9.99"),
			map[string]string{"effective_cost": "0.01"},
		},
		{"a plan's negation", cur1("lineItem/LineItemType", "SavingsPlanNegation"), map[string]string{"effective_cost": "0"}},
		{"a reserved hour", cur1("lineItem/LineItemType", "DiscountedUsage", "reservation/EffectiveCost", "0.25"), map[string]string{"effective_cost": "0.25"}},
		{
			"a reservation's fee", cur1("lineItem/LineItemType", "RIFee", "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod", "1", "reservation/UnusedRecurringFee", "2"),
			map[string]string{"effective_cost": "3"},
		},
		{
			"a reservation's price in advance", cur1("lineItem/LineItemType", "Fee", "reservation/ReservationARN", "arn:aws:ec2:eu-west-1:1:reserved-instances/x"),
			map[string]string{"effective_cost": "0"},
		},
		{"a support fee", cur1("lineItem/LineItemType", "Fee"), map[string]string{"effective_cost": "1.5"}},
		{"no effective cost in the bill", cur1("lineItem/LineItemType", "DiscountedUsage"), map[string]string{"effective_cost": ""}},
		{"usage", cur1("lineItem/UsageAmount", "7.2E1", "pricing/unit", "Hrs", "lineItem/UsageType", "BoxUsage", "lineItem/Operation", "RunInstances"), map[string]string{
			"quantity": "72", "unit": "Hrs", "usage_type": "BoxUsage", "operation": "RunInstances",
		}},
		{"an ARN", cur1("lineItem/ResourceId", "arn:aws:lambda:eu-west-1:000000000042:function:f", "lineItem/ProductCode", "AWSLambda"), map[string]string{
			"arn": "arn:aws:lambda:eu-west-1:000000000042:function:f", "resource_type": "lambda:function", "resource_id": "f", "service": "lambda", "region": "eu-west-1",
		}},
		{"an instance", cur1("lineItem/ResourceId", "i-0123456789abcdef0", "product/region", "cn-north-1"), map[string]string{
			"arn": "arn:aws-cn:ec2:cn-north-1:000000000042:instance/i-0123456789abcdef0", "resource_type": "ec2:instance", "resource_id": "i-0123456789abcdef0",
		}},
		{"an instance without a region", cur1("lineItem/ResourceId", "i-0123456789abcdef0"), map[string]string{"arn": "", "resource_id": "i-0123456789abcdef0"}},
		{"a bucket", cur1("lineItem/ResourceId", "my.bucket-1", "lineItem/ProductCode", "AmazonS3"), map[string]string{
			"arn": "arn:aws:s3:::my.bucket-1", "resource_type": "s3:bucket", "service": "s3",
		}},
		{"an unknown id", cur1("lineItem/ResourceId", "4711", "lineItem/ProductCode", "AmazonSomething New", "product/region", "eu-west-1"), map[string]string{
			"arn": "", "resource_id": "4711", "service": "something-new", "resource_type": "",
		}},
		{"the region of the zone", cur1("lineItem/AvailabilityZone", "us-west-1a"), map[string]string{"region": "us-west-1", "availability_zone": "us-west-1a"}},
		{"the region of the location", cur1("product/location", "EU (Frankfurt)"), map[string]string{"region": "eu-central-1"}},
		{"tags in columns", cur1("resourceTags/user:Name", "box", "resourceTags/user:Marqo_Customer", "acme", "resourceTags/aws:createdBy", "x", "noTags/user:a", "b"), map[string]string{
			"tag Name": "box", "name": "box", "tag aws:createdBy": "x", "tag a": "", "customer": "acme",
		}},
		{"tags in columns of Parquet", cur1("resource_tags_user_name", "box", "resource_tags_aws_eks_cluster_name", "blue"), map[string]string{
			"tag name": "box", "tag aws:eks:cluster-name": "blue", "cluster": "blue",
		}},
		{"tags in a map", cur1("resource_tags", `{"user_Team":"search","aws_created_by":"x","user_empty":null,"user_n":1}`), map[string]string{
			"tag Team": "search", "tag aws:createdBy": "x", "tag empty": "", "tag n": "1",
		}},
		{
			"maps of CUR 2.0", cur1("product", `{"product_name":"AWS Lambda","region":"eu-west-2","instance_type":"t3"}`, "cost_category", `{"team":"a"}`, "discount", `{"x":1}`),
			map[string]string{"region": "eu-west-2", "product_name": "AWS Lambda", "service": "lambda", "instance_type": "t3", "cost_categories": `{"team":"a"}`, "discounts": `{"x":1}`},
		},
		{"a map that is not JSON", cur1("resource_tags", `{"user_Team":`), map[string]string{"unread": "resource_tags", "cost": "1.5"}},
		{"cost categories", cur1("costCategory/Team", "a"), map[string]string{"cost_categories": `{"Team":"a"}`}},
		{"an invalid end", strings.Replace(cur1(), "2026-02-03T05:00:00Z", "2026-02-03T25:00:00Z", 1), map[string]string{
			"period_end": "", "unread": "lineItem/UsageEndDate", "cost": "1.5",
		}},
		{"an end before the start", strings.Replace(cur1(), "2026-02-03T05:00:00Z", "2026-02-03T03:00:00Z", 1), map[string]string{"period_end": "", "unread": "lineItem/UsageEndDate"}},
		{"another amount that is invalid", cur1("lineItem/BlendedCost", "n/a"), map[string]string{"blended_cost": "", "unread": "lineItem/BlendedCost"}},
		{
			"a start only in the interval", strings.Replace(cur1("identity/TimeInterval", "2026-02-05T00:00:00Z/2026-02-05T01:00:00Z"), "2026-02-03T04:00:00Z", "", 1),
			map[string]string{"ts": "2026-02-05T00:00:00.000Z", "period_end": "2026-02-05T01:00:00.000Z", "time_interval": ""},
		},
		{
			"an interval beside the usage's", cur1("identity/TimeInterval", "2026-02-05T00:00:00Z/2026-02-05T01:00:00Z"),
			map[string]string{"ts": "2026-02-03T04:00:00.000Z", "time_interval": "2026-02-05T00:00:00Z/2026-02-05T01:00:00Z"},
		},
		{"no currency", strings.Replace(cur1(), "lineItem/CurrencyCode", "x", 1), map[string]string{"currency": "XXX"}},
		{
			"FOCUS", focus("EffectiveCost", "1.25", "ListCost", "2", "ContractedCost", "1.75", "ConsumedQuantity", "3", "ConsumedUnit", "GB", "PricingQuantity", "1", "PricingUnit", "TB",
				"ServiceName", "Amazon Relational Database Service", "RegionId", "eu-west-1", "ChargeCategory", "Usage", "Tags", `{"user_a":"b","Name":"n"}`, "ProviderName", "AWS"),
			map[string]string{
				"ts": "2026-02-03T04:00:00.000Z", "effective_cost": "1.25", "list_cost": "2", "contracted_cost": "1.75", "quantity": "3", "unit": "GB",
				"pricing_quantity": "1", "service": "rds", "region": "eu-west-1", "charge_category": "Usage", "tag user_a": "b", "name": "n", "platform": "aws", "estimated": "",
			},
		},
		{"FOCUS: quantity of the price", focus("ConsumedQuantity", "NULL", "PricingQuantity", "2", "PricingUnit", "TB"), map[string]string{"quantity": "2", "unit": "TB"}},
		{"FOCUS: another provider", focus("ProviderName", "Microsoft", "ResourceId", "i-0123456789abcdef0", "RegionId", "westeurope"), map[string]string{"platform": "azure", "arn": ""}},
		{"FOCUS: missing", focus("ServiceName", "null", "RegionId", "NULL", "ResourceId", `\N`, "Tags", "NULL"), map[string]string{"service": "", "region": "", "resource_id": "", "unread": ""}},
		{"FOCUS: tags as pairs", focus("Tags", `[{"key":"a","value":"b"}]`), map[string]string{"tag a": "b"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			e := only(t, tc.csv)
			got := map[string]string{}
			for k := range tc.want {
				got[k] = fieldOf(e, k)
			}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// fieldOf returns an event's field by a short name, a tag, or a property.
func fieldOf(e envelope.ResourceEvent, name string) string {
	if tag, ok := strings.CutPrefix(name, "tag "); ok {
		return e.Tags.Get(tag)
	}
	const at = "2006-01-02T15:04:05.000Z07:00"
	quantity := ""
	if e.UsageQuantity.Valid {
		quantity = e.UsageQuantity.Decimal.String()
	}
	end := ""
	if !e.PeriodEnd.IsZero() {
		end = e.PeriodEnd.Format(at)
	}
	customer, cluster := e.MarqoCustomer, e.MarqoCluster
	fields := map[string]string{
		"ts": e.TS.Format(at), "period_end": end, "cost": e.CostAmount.Decimal.String(), "currency": e.Currency, "account": e.AccountID,
		"type": e.EventType, "source": e.Source, "arn": e.ARN, "resource_type": e.ResourceType, "resource_id": e.ResourceID, "service": e.Service,
		"region": e.Region, "name": e.ResourceName, "quantity": quantity, "unit": e.UsageUnit, "platform": e.Platform, "customer": customer, "cluster": cluster,
	}
	if v, ok := fields[name]; ok {
		return v
	}
	return e.Properties.Get(name)
}

// The same rows in any form of CSV give the same lines.
func TestCSVForms(t *testing.T) {
	t.Parallel()
	plain := cur1("lineItem/LineItemDescription", "a, \"b\"")
	undelivered := func(e envelope.ResourceEvent) envelope.ResourceEvent {
		e.EventID = uuid.Nil
		e.Properties.Set(envelope.PropDelivery, "")
		return e
	}
	want := undelivered(only(t, plain))
	for _, tc := range []struct{ name, csv string }{
		{"byte order mark", "\xef\xbb\xbf" + plain},
		{"a repeated header", plain + strings.SplitAfter(plain, "\n")[0]},
		{"CRLF", strings.ReplaceAll(plain, "\n", "\r\n")},
		{"no line end", strings.TrimSuffix(plain, "\n")},
		{"empty lines", "\n\n" + strings.ReplaceAll(plain, "\n", "\n\r\n\n")},
		{"semicolons", strings.ReplaceAll(plain, `","`, `";"`)},
		{"tabs", strings.ReplaceAll(plain, `","`, "\"\t\"")},
		{"a final comma", strings.ReplaceAll(plain, "\n", ",\n")},
		{"a last column that no row has", strings.Replace(plain, "\n", ",costCategory/x\n", 1)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(want, undelivered(only(t, tc.csv))); d != "" {
				t.Errorf("(-plain +dressed):\n%s", d)
			}
		})
	}
}

// Every form of date and time gives the same moment; an ambiguous one is an error.
func TestMoments(t *testing.T) {
	t.Parallel()
	for _, form := range []string{
		"2026-02-03T04:00:00Z", "2026-02-03 04:00:00", "2026-02-03T04:00:00", "2026-02-03T04:00:00.000Z", "2026-02-03 04:00:00.000000", "2026-02-03 04:00:00 UTC",
		"2026-02-03T05:00:00+01:00", "2026-02-03 05:00:00+01:00", "2026-02-03T04:00Z", "2026-02-03 04:00", "2026/02/03 04:00:00", "20260203T040000Z", "20260203T040000.000Z",
	} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			e := only(t, strings.Replace(cur1(), "2026-02-03T04:00:00Z", form, 1))
			if got := fieldOf(e, "ts"); got != "2026-02-03T04:00:00.000Z" {
				t.Errorf("%s is read as %s", form, got)
			}
		})
	}
	for _, form := range []string{"02/03/2026", "3.2.2026", "2026-02-30", "yesterday", "1769000000"} {
		t.Run("not "+form, func(t *testing.T) {
			t.Parallel()
			_, r := collect(t, cur.Files{Input: file(t, "bill.csv", strings.Replace(cur1(), "2026-02-03T04:00:00Z", form, 1))})
			if len(r.Failures) != 1 || !strings.Contains(r.Failures[0].Err, "lineItem/UsageStartDate") {
				t.Errorf("failures: %+v", r.Failures)
			}
		})
	}
}
