package cloudwatch

import "polo/producers"

// Limits of the API.
//
// Sources: AWS, API reference of GetMetricData; "CloudWatch service quotas"; "Amazon
// CloudWatch pricing".
const (
	// maxQueries bounds the series of one GetMetricData request.
	maxQueries = 500
	// maxPoints bounds the data points of one answer; further pages cost the same as the first.
	maxPoints = 100_800
	// metricMicros is the price of one metric in a GetMetricData request, in millionths of a US
	// dollar: $0.01 for 1,000. Several statistics of one metric may cost less than this, never
	// more.
	metricMicros = 10
	// listMicros is the price of one ListMetrics request in the same unit: $0.01 for 1,000,
	// beyond the free ones.
	listMicros = 10
)

// dataRate is a small part of GetMetricData's 500 requests a second per account and region:
// dashboards share them, and regions had 50 for long. The API also allows 180,000 data points a
// second from the last three hours, and 396,000 from before. A run that samples minutes of a few
// hours stays far below: a full request of 500 such series has 30,000 an hour. A run above the
// limit is throttled, and the session slows it down.
func dataRate() producers.Rate {
	return producers.Rate{Call: "GetMetricData", PerSecond: 25, Burst: 5}
}

// listRate is half of the 25 requests a second that ListMetrics allows.
func listRate() producers.Rate {
	return producers.Rate{Call: "ListMetrics", PerSecond: 12, Burst: 4}
}
