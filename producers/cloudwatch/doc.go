// Package cloudwatch samples the metrics that a configuration names and turns each
// sample, read live or recorded, into an event.
//
// # What a sample becomes
//
// One metric.sampled event: ts is the sample's time, which is when its period began,
// period_end is a period later, metric_value the value. Properties are "namespace",
// "metric", "stat", "period" (in seconds), "unit" where it is known and "dimensions", a
// JSON object. GetMetricData does not tell units: the one of the configuration is told.
//
// The ARN is that of the resource that namespace and dimensions determine, see rules.
// Where they do not (an Auto Scaling group's ARN holds a UUID, a whole fleet has none)
// it is empty, and "dimensions" tells what there is.
//
// # Identity
//
// A sample is known by account, region, namespace, metric, statistic, period, unit,
// dimensions and time: a later run that reads it again restates it, as CloudWatch does
// with what arrives late.
//
// # What is read
//
// Metrics are named with their dimensions, exactly or with wildcards, which ListMetrics
// resolves at each run: a metric has to have the named dimensions and no others, for a
// service tells the same number by several sets of them. A run reads its window, from the
// start of the period that it begins in to the last period that has ended; a metric that
// is told late (S3 tells a bucket's size a day later) has a lookback of its own.
//
// # What was not read
//
// A refused request, a series that CloudWatch could tell only in part and a value that
// is no number are gaps of their metric. The others go on. Where there is no gap the run
// says that it read TypeSample to the end.
//
// # Money
//
// GetMetricData costs $0.01 for 1,000 metrics, from the first on; it is asked for with
// Scan.Spend before each request.
package cloudwatch

// Source is the source of every event.
const Source = "aws.cloudwatch"

// TypeSample names what a run reads to the end: all that its configuration names, in its
// window.
const TypeSample = "cloudwatch:sample"
