package schema

import (
	"fmt"
	"time"

	"github.com/ClickHouse/ch-go/proto"

	"polo/envelope"
)

// EventsTable is the only table that is inserted into; materialised views fill the others from it.
const EventsTable = "resource_events"

// Rows collects events as the columns of resource_events, to be sent as one block. Reset keeps its
// memory. Not safe for concurrent use.
type Rows struct {
	n int

	eventID    proto.ColUUID
	eventType  *words
	source     *words
	ts         millis
	periodEnd  *proto.ColNullable[proto.DateTime64]
	periodRaw  *proto.ColDateTime64Raw
	observedAt millis

	arn          proto.ColStr
	platform     *words
	accountID    *words
	accountRole  *words
	region       *words
	service      *words
	resourceType *words
	resourceID   proto.ColStr
	resourceName proto.ColStr

	customer *words
	cluster  *words
	index    *words

	actor     proto.ColStr
	state     *words
	errorCode *words

	cost      amounts
	currency  *words
	usage     amounts
	usageUnit *words
	metric    *proto.ColNullable[float64]

	ancestors      *proto.ColArr[string]
	relationType   *proto.ColArr[string]
	relationTarget *proto.ColArr[string]
	tags           pairs
	properties     pairs
	version        proto.ColUInt64

	input proto.Input
}

// millis is DateTime64(3, 'UTC').
type millis struct{ proto.ColDateTime64Raw }

func newMillis() millis {
	c := (&proto.ColDateTime64{}).WithPrecision(proto.PrecisionMilli).WithLocation(time.UTC)
	return millis{*c.Raw()}
}

func (c *millis) append(t time.Time) { c.AppendRaw(proto.DateTime64(t.UnixMilli())) }

// NewRows returns an empty Rows.
func NewRows() *Rows {
	r := &Rows{
		eventType: newWords(), source: newWords(), ts: newMillis(), observedAt: newMillis(),
		platform: newWords(), accountID: newWords(), accountRole: newWords(), region: newWords(), service: newWords(), resourceType: newWords(),
		customer: newWords(), cluster: newWords(), index: newWords(), state: newWords(), errorCode: newWords(),
		cost: newAmounts(), currency: newWords(), usage: newAmounts(), usageUnit: newWords(),
		metric:    proto.NewColNullable[float64](new(proto.ColFloat64)),
		ancestors: new(proto.ColStr).Array(), relationType: proto.NewArray[string](newWords()), relationTarget: new(proto.ColStr).Array(),
		tags: newPairs(), properties: newPairs(),
	}
	period := newMillis()
	r.periodRaw = &period.ColDateTime64Raw
	r.periodEnd = proto.NewColNullable[proto.DateTime64](r.periodRaw)
	r.input = proto.Input{
		{Name: "event_id", Data: &r.eventID},
		{Name: "event_type", Data: r.eventType},
		{Name: "source", Data: r.source},
		{Name: "ts", Data: &r.ts},
		{Name: "period_end", Data: r.periodEnd},
		{Name: "observed_at", Data: &r.observedAt},
		{Name: "arn", Data: &r.arn},
		{Name: "platform", Data: r.platform},
		{Name: "account_id", Data: r.accountID},
		{Name: "account_role", Data: r.accountRole},
		{Name: "region", Data: r.region},
		{Name: "service", Data: r.service},
		{Name: "resource_type", Data: r.resourceType},
		{Name: "resource_id", Data: &r.resourceID},
		{Name: "resource_name", Data: &r.resourceName},
		{Name: "marqo_customer", Data: r.customer},
		{Name: "marqo_cluster", Data: r.cluster},
		{Name: "marqo_index", Data: r.index},
		{Name: "actor", Data: &r.actor},
		{Name: "state", Data: r.state},
		{Name: "error_code", Data: r.errorCode},
		{Name: "cost_amount", Data: r.cost.column()},
		{Name: "currency", Data: r.currency},
		{Name: "usage_quantity", Data: r.usage.column()},
		{Name: "usage_unit", Data: r.usageUnit},
		{Name: "metric_value", Data: r.metric},
		{Name: "ancestors", Data: r.ancestors},
		{Name: "relations.type", Data: r.relationType},
		{Name: "relations.target_arn", Data: r.relationTarget},
		{Name: "tags", Data: r.tags.col},
		{Name: "properties", Data: r.properties.col},
		{Name: "version", Data: &r.version},
	}
	return r
}

// Append adds one valid event. version is its envelope.RowVersion. It returns an error, and adds
// nothing, if the column cannot hold an amount exactly.
func (r *Rows) Append(e *envelope.ResourceEvent, version uint64) error {
	cost, err := toAmount(e.CostAmount)
	if err != nil {
		return fmt.Errorf("cost_amount: %w", err)
	}
	usage, err := toAmount(e.UsageQuantity)
	if err != nil {
		return fmt.Errorf("usage_quantity: %w", err)
	}
	r.n++
	r.eventID.Append(e.EventID)
	r.eventType.Append(e.EventType)
	r.source.Append(e.Source)
	r.ts.append(e.TS)
	if e.PeriodEnd.IsZero() {
		r.periodEnd.Append(proto.Null[proto.DateTime64]())
	} else {
		r.periodEnd.Append(proto.NewNullable(proto.DateTime64(e.PeriodEnd.UnixMilli())))
	}
	r.observedAt.append(e.ObservedAt)
	r.arn.Append(e.ARN)
	r.platform.Append(e.Platform)
	r.accountID.Append(e.AccountID)
	r.accountRole.Append(e.AccountRole)
	r.region.Append(e.Region)
	r.service.Append(e.Service)
	r.resourceType.Append(e.ResourceType)
	r.resourceID.Append(e.ResourceID)
	r.resourceName.Append(e.ResourceName)
	r.customer.Append(e.MarqoCustomer)
	r.cluster.Append(e.MarqoCluster)
	r.index.Append(e.MarqoIndex)
	r.actor.Append(e.Actor)
	r.state.Append(e.State)
	r.errorCode.Append(e.ErrorCode)
	r.cost.append(cost)
	r.currency.Append(e.Currency)
	r.usage.append(usage)
	r.usageUnit.Append(e.UsageUnit)
	if e.MetricValue == nil {
		r.metric.Append(proto.Null[float64]())
	} else {
		r.metric.Append(proto.NewNullable(*e.MetricValue))
	}
	r.ancestors.Append(e.Ancestors)
	for _, rel := range e.Relations {
		r.relationType.Data.Append(rel.Type)
		r.relationTarget.Data.Append(rel.TargetARN)
	}
	r.relationType.Offsets.Append(uint64(r.relationType.Data.Rows()))
	r.relationTarget.Offsets.Append(uint64(r.relationTarget.Data.Rows()))
	r.tags.append(e.Tags)
	r.properties.append(e.Properties)
	r.version.Append(version)
	return nil
}

// Len returns the number of rows.
func (r *Rows) Len() int { return r.n }

// Reset empties r for reuse.
func (r *Rows) Reset() {
	r.n = 0
	r.input.Reset()
}

// Input returns the block to send. It is valid until the next Append or Reset.
func (r *Rows) Input() proto.Input { return r.input }

// Columns returns the names of the columns of Input, in order.
func (r *Rows) Columns() []string {
	names := make([]string, len(r.input))
	for i, c := range r.input {
		names[i] = c.Name
	}
	return names
}

// pairs is Map(LowCardinality(String), String). Its keys are in the order of envelope.Pairs, so
// that equal maps are equal rows.
type pairs struct {
	col    *proto.ColMap[string, string]
	keys   *words
	values *proto.ColStr
}

func newPairs() pairs {
	keys, values := newWords(), new(proto.ColStr)
	return pairs{col: proto.NewMap[string, string](keys, values), keys: keys, values: values}
}

func (p *pairs) append(from envelope.Pairs) {
	for i := range from {
		p.keys.Append(from[i].Key)
		p.values.Append(from[i].Value)
	}
	p.col.Offsets.Append(uint64(p.keys.Rows()))
}
