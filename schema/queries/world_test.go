package queries_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// world is a made-up organisation whose last day is that of now.
type world struct {
	now   time.Time
	rng   *rand.Rand
	rows  []row
	costs []cost
	n     int
}

// cost is a line of a bill that counts.
type cost struct {
	day                                                                       time.Time
	account, service, customer, cluster, arn, usage, charge, currency, source string
	team                                                                      string
	amount                                                                    decimal.Decimal
}

const (
	webInstance = "arn:aws:ec2:eu-west-1:000000000001:instance/i-web"
	webVolume   = "arn:aws:ec2:eu-west-1:000000000001:volume/vol-web"
	webAddress  = "arn:aws:ec2:eu-west-1:000000000001:elastic-ip/eipalloc-web"
	webSubnet   = "arn:aws:ec2:eu-west-1:000000000001:subnet/subnet-a"
	webVPC      = "arn:aws:ec2:eu-west-1:000000000001:vpc/vpc-a"
	loneVolume  = "arn:aws:ec2:eu-west-1:000000000002:volume/vol-lone"
	goneVolume  = "arn:aws:ec2:eu-west-1:000000000002:volume/vol-gone"
	lostBucket  = "arn:aws:s3:::lost"
)

func newWorld(now time.Time) *world {
	w := &world{now: now.UTC().Truncate(time.Second), rng: rand.New(rand.NewPCG(1, 2))}
	w.bills()
	w.inventory()
	w.activity()
	w.health()
	w.alerts()
	return w
}

// add adds an event of the time ts.
func (w *world) add(eventType, source string, ts time.Time, fields row) {
	w.n++
	out := row{
		"event_id": uuid.NewSHA1(uuid.NameSpaceURL, fmt.Append(nil, w.n)).String(), "event_type": eventType, "source": source,
		"ts": clock(ts), "observed_at": clock(ts), "platform": "aws",
	}
	maps.Copy(out, fields)
	w.rows = append(w.rows, out)
}

func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000") }

func (w *world) day(back int) time.Time { return w.now.Truncate(24*time.Hour).AddDate(0, 0, -back) }

func pick(w *world, of ...string) string { return of[w.rng.IntN(len(of))] }

// bills has 60 days of lines without deliveries, and a partial delivery.
func (w *world) bills() {
	for back := 60; back >= 0; back-- {
		for range 12 {
			c := cost{
				day: w.day(back), account: pick(w, "000000000001", "000000000002", "000000000003"), source: "aws.cur",
				service: pick(w, "ec2", "s3", "rds", "lambda"), customer: pick(w, "", "acme", "globex", "initech"),
				arn: pick(w, "", webInstance, webVolume, loneVolume), usage: pick(w, "", "BoxUsage:m5.large", "TimedStorage-ByteHrs", "EBS:VolumeUsage.gp3"),
				charge:   pick(w, "Usage", "Usage", "Tax", "Credit", "SavingsPlanCoveredUsage", "SavingsPlanRecurringFee", "Refund", ""),
				currency: pick(w, "USD", "USD", "EUR"), team: pick(w, "", "search", "core"),
				amount: decimal.New(w.rng.Int64N(1e15)-2e14, -13),
			}
			if c.customer != "" {
				c.cluster = c.customer + "-" + pick(w, "a", "b")
			}
			w.bill(c, row{}, map[string]string{"estimated": fmt.Sprint(back < 3)})
		}
		w.bill(cost{
			day: w.day(back), account: "000000000001", source: "aws.cost_explorer", service: "ec2", currency: "USD", amount: decimal.New(w.rng.Int64N(1e12), -10),
		}, row{}, nil)
	}
	w.bill(cost{day: w.day(1), account: "000000000001", source: "aws.cur", service: "ec2", currency: "USD", charge: "Usage", amount: decimal.New(-5, -38)},
		row{}, map[string]string{"charge_class": "Correction", "invoice_id": "INV-1", "invoicing_entity": "AWS"})
	// The same money on AWS's marketplace and by the platform, which bills weeks.
	w.bill(cost{day: w.day(2), account: "000000000001", source: "aws.cur", service: "datadog", currency: "USD", charge: "Usage", amount: decimal.New(700, -2)},
		row{}, map[string]string{"product_name": "Datadog Pro", "legal_entity": "Datadog, Inc."})
	w.bill(cost{day: w.day(7), account: "parent", source: "datadog.billing", service: "logs", currency: "USD", amount: decimal.New(800, -2)},
		row{"platform": "datadog", "period_end": clock(w.day(0))}, nil)
	month := w.day(w.now.Day() - 1)
	for i := range 3 {
		w.bill(cost{day: month, account: "000000000004", source: "aws.cur", service: "s3", currency: "USD", charge: "Usage", amount: decimal.New(int64(i+1), -2)},
			row{}, map[string]string{"delivery": "d1", "billing_period": month.Format(time.DateOnly), "payer_account_id": "000000000004"})
	}
	w.add("scan.incomplete", "aws.cur", month, row{
		"period_end": clock(month.AddDate(0, 1, 0)), "account_id": "000000000004", "observed_at": clock(w.now), "state": "partial",
		"properties": map[string]string{"delivery": "d1", "events": "3"},
	})
}

func (w *world) bill(c cost, fields row, properties map[string]string) {
	w.costs = append(w.costs, c)
	tags := map[string]string{"name": "x"}
	if c.team != "" {
		tags["team"] = c.team
	}
	all := map[string]string{"usage_type": c.usage, "effective_cost": c.amount.String(), "list_cost": c.amount.Abs().Add(decimal.New(1, 0)).String()}
	if c.charge != "" {
		all["line_item_type"] = c.charge
	}
	maps.Copy(all, properties)
	out := row{
		"period_end": clock(c.day.Add(time.Hour)), "observed_at": clock(w.now), "arn": c.arn, "account_id": c.account, "region": "eu-west-1", "service": c.service,
		"resource_type": c.service + ":thing", "marqo_customer": c.customer, "marqo_cluster": c.cluster, "marqo_index": c.team, "cost_amount": c.amount.String(), "currency": c.currency,
		"usage_quantity": "1.5", "usage_unit": "Hrs", "tags": tags, "properties": all,
	}
	maps.Copy(out, fields)
	w.add("cost.accrued", c.source, c.day, out)
}

// resource is a snapshot's or change's fields.
func resource(arn, account, typ, name string, fields row) row {
	out := row{"arn": arn, "account_id": account, "region": "eu-west-1", "service": "ec2", "resource_type": typ, "resource_id": name, "resource_name": name}
	maps.Copy(out, fields)
	return out
}

func (w *world) inventory() {
	relations := func(typ, target string) row {
		return row{"relations.type": []string{typ}, "relations.target_arn": []string{target}}
	}
	with := func(a, b row) row {
		out := maps.Clone(a)
		maps.Copy(out, b)
		return out
	}
	within := row{"ancestors": []string{webSubnet, webVPC}}
	seen := w.now.Add(-2 * time.Hour)
	snapshot := func(at time.Time, r row) { w.add("resource.snapshot", "aws.ec2", at, r) }
	for _, at := range []time.Time{w.day(9), seen} {
		state := map[bool]string{true: "running", false: "pending"}[at.Equal(seen)]
		snapshot(at, resource(webInstance, "000000000001", "ec2:instance", "web", with(within, row{"state": state, "tags": map[string]string{"team": "search"}, "marqo_customer": "acme"})))
		snapshot(at, resource(webVolume, "000000000001", "ec2:volume", "vol-web", with(relations("attached_to", webInstance), row{"state": "in-use"})))
		snapshot(at, resource(webAddress, "000000000001", "ec2:elastic-ip", "eip", relations("attached_to", webInstance)))
		snapshot(at, resource(webSubnet, "000000000001", "ec2:subnet", "subnet-a", row{"ancestors": []string{webVPC}}))
		snapshot(at, resource(webVPC, "000000000001", "ec2:vpc", "vpc-a", nil))
		snapshot(at, resource(loneVolume, "000000000002", "ec2:volume", "vol-lone", row{"state": "available", "properties": map[string]string{"volume_type": "gp2", "size": "8"}}))
		for _, typ := range []string{"ec2:instance", "ec2:volume"} {
			w.add("scan.completed", "aws.ec2", at, row{"account_id": "000000000001", "region": "eu-west-1", "resource_type": typ})
		}
	}
	// Seen once, and missed by the scan since.
	snapshot(w.day(9), resource(lostBucket, "000000000001", "s3:bucket", "lost", row{"service": "s3"}))
	w.add("scan.completed", "aws.s3", seen, row{"account_id": "000000000001", "region": "*", "resource_type": "s3:bucket"})
}

func (w *world) activity() {
	const ada, bob = "arn:aws:iam::000000000001:user/ada", "arn:aws:iam::000000000002:user/bob"
	call := func(back time.Duration, actor, name, code string) {
		w.add("activity.api_call", "aws.cloudtrail", w.now.Add(-back), row{
			"arn": webInstance, "account_id": "000000000001", "region": "eu-west-1", "service": "ec2", "actor": actor, "error_code": code,
			"properties": map[string]string{"event_name": name, "read_only": fmt.Sprint(name[0] == 'D')},
		})
	}
	call(time.Hour, ada, "DescribeInstances", "")
	call(2*time.Hour, ada, "StartInstances", "")
	call(3*time.Hour, bob, "TerminateInstances", "Client.UnauthorizedOperation")
	call(4*time.Hour, bob, "TerminateInstances", "AccessDenied")
	by := func(name, actor string) row {
		return row{"actor": actor, "properties": map[string]string{"event_name": name}}
	}
	w.add("resource.created", "aws.cloudtrail", w.now.Add(-9*time.Hour), resource(goneVolume, "000000000002", "ec2:volume", "vol-gone", by("CreateVolume", bob)))
	w.add("resource.deleted", "aws.cloudtrail", w.now.Add(-8*time.Hour), resource(goneVolume, "000000000002", "ec2:volume", "vol-gone", by("DeleteVolume", bob)))
	rebooted := by("RebootInstances", ada)
	rebooted["state"] = "rebooting"
	w.add("resource.updated", "aws.cloudtrail", w.day(3), resource(webInstance, "000000000001", "ec2:instance", "web", rebooted))
}

func (w *world) health() {
	for i := range 5 {
		w.add("metric.sampled", "aws.cloudwatch", w.now.Add(-time.Duration(i+1)*time.Hour), row{
			"arn": webInstance, "metric_value": 0.5 + float64(i)/10, "properties": map[string]string{"metric": "CPUUtilization", "namespace": "AWS/EC2", "stat": "Maximum"},
		})
	}
	w.add("scan.incomplete", "aws.ec2", w.now.Add(-time.Hour), row{
		"account_id": "000000000002", "region": "eu-west-1", "resource_type": "ec2:vpc", "state": "denied", "error_code": "AccessDenied",
	})
	w.add("run.finished", "aws.ec2", w.now.Add(-time.Hour), row{
		"state":      "with_gaps",
		"properties": map[string]string{"events": "12", "rejected": "2", "gaps": "1", "gaps_by_reason": `{"denied":1}`, "throttles": "3", "scopes_unread": "0"},
	})
	w.add("account.described", "aws.organizations", w.day(5), row{"account_id": "000000000001", "resource_name": "web-production", "account_role": "production"})
	w.add("account.described", "aws.organizations", w.day(5), row{"account_id": "000000000002", "resource_name": "playground"})
}

// total adds up the costs of a period that a filter keeps, by currency.
func (w *world) total(from, until time.Time, keep func(cost) bool) map[string]decimal.Decimal {
	out := map[string]decimal.Decimal{}
	for _, c := range w.costs {
		if !c.day.Before(from) && c.day.Before(until) && (keep == nil || keep(c)) {
			out[c.currency] = out[c.currency].Add(c.amount)
		}
	}
	return out
}
