package cloudwatch

import "polo/producers"

// Limits of the API.
//
// Sources: AWS, API reference of GetMetricData; "CloudWatch service quotas"; "Amazon
// CloudWatch pricing".
const (
	// maxQueries is how many series one GetMetricData request may ask for.
	maxQueries = 500
	// maxPoints is how many data points it answers at once; more are on further pages,
	// each of which is paid for like the first.
	maxPoints = 100_800
	// metricMicros is the price of one metric of a GetMetricData request, in millionths
	// of a US dollar: $0.01 for 1,000. Several statistics of one metric may cost less
	// than counted here, never more.
	metricMicros = 10
	// listMicros is that of one ListMetrics request: $0.01 for 1,000, beyond those that
	// are free.
	listMicros = 10
)

// dataRate is a small part of the 500 requests a second that GetMetricData allows for an
// account and region: dashboards share it, and regions had 50 for long. It also allows 180,000 data points a second of the
// last three hours, 396,000 of longer ago, which no run comes near that samples minutes of
// a few hours: a full request of 500 such series has 30,000 an hour. Where one does, it is
// throttled, and the session slows it down.
func dataRate() producers.Rate {
	return producers.Rate{Call: "GetMetricData", PerSecond: 25, Burst: 5}
}

// listRate is half of the 25 requests a second that ListMetrics allows.
func listRate() producers.Rate {
	return producers.Rate{Call: "ListMetrics", PerSecond: 12, Burst: 4}
}
