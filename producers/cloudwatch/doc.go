// Package cloudwatch samples the metrics that a configuration names, and turns each sample, live
// or recorded, into an event.
//
// # Samples
//
// A sample becomes one metric.sampled event: ts is the sample's time, the start of its period;
// period_end is a period later; metric_value is the value. Properties are "namespace", "metric",
// "stat", "period" (in seconds), "unit" if known, and "dimensions", a JSON object. GetMetricData
// does not return units, so "unit" is the configuration's.
//
// The ARN is that of the resource that namespace and dimensions determine, see rules. If they do
// not determine one (an Auto Scaling group's ARN contains a UUID, a whole fleet has none), the
// ARN is empty, and "dimensions" says what was measured.
//
// # Identity
//
// A sample is identified by account, region, namespace, metric, statistic, period, unit,
// dimensions and time: a later run that reads it again restates it, because CloudWatch changes
// samples when data arrive late.
//
// # What is read
//
// The configuration gives a metric's dimensions, exactly or with wildcards, which ListMetrics
// resolves in each run. A series must have exactly these dimensions, because services report the
// same number under several sets of them. A run reads its window, from the start of the period
// that contains the window's start to the last period that has ended. A metric that arrives late
// (S3 reports a bucket's size a day later) has its own lookback.
//
// # Gaps
//
// A refused request, a series with a partial answer and a value that is not a number are gaps of
// their metric. Other metrics are read. A run without a gap completes TypeSample.
//
// # Charges
//
// GetMetricData costs $0.01 for 1,000 metrics, from the first on; Scan.Spend comes before each
// request.
package cloudwatch

// Source is the source of every event.
const Source = "aws.cloudwatch"

// TypeSample is the type that a run completes: everything that its configuration names, in its
// window.
const TypeSample = "cloudwatch:sample"
