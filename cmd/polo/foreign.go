package main

import (
	"bytes"
	"regexp"
	"strings"
	"sync"
)

// foreignSource is a source that is not read, with the marks of its files.
type foreignSource struct {
	source string
	// name is a part of the lower-case file name, text a part of its beginning; either is enough.
	name string
	text *regexp.Regexp
}

// foreignSources are those whose files are often beside files that are read.
var foreignSources = sync.OnceValue(func() []foreignSource {
	re := regexp.MustCompile
	return []foreignSource{
		{"VPC flow logs", "_vpcflowlogs_", re(`^(version account-id interface-id|[2-9] \d{12} eni-)`)},
		{"access logs of a load balancer", "_elasticloadbalancing_", re(`^(https?|h2|wss?|tls) \d{4}-\d\d-\d\dT[\d:.]+Z (app|net)/`)},
		{"access logs of S3", "", re(`^[0-9a-f]{64} \S+ \[\d\d/[A-Z][a-z]{2}/\d{4}:`)},
		{"access logs of CloudFront", "", re(`^#Version: 1\.0\r?\n#Fields: date`)},
		{"AWS Config snapshots", "_configsnapshot_", re(`"configurationItems"|"configSnapshotId"`)},
		{"AWS Config history", "_confighistory_", nil},
		{"logs of AWS WAF", "aws-waf-logs-", re(`"webaclId"\s*:`)},
		{"findings of GuardDuty", "", re(`"schemaVersion"[\s\S]*arn:aws[a-z-]*:guardduty:`)},
		{"findings of Security Hub", "", re(`"ProductArn"\s*:\s*"arn:aws[a-z-]*:securityhub:`)},
		{"queries of the Route 53 resolver", "_vpcdnsquerylogs_", re(`"query_timestamp"\s*:`)},
		{"notifications of AWS to a queue or a function", "", re(`"[eE]ventSource"\s*:\s*"aws:`)},
		{"logs of Cloudflare", "", re(`"RayID"\s*:|"EdgeStartTimestamp"\s*:`)},
		{"audit logs of Google Cloud", "", re(`type\.googleapis\.com/google\.cloud\.audit`)},
		{"activity logs of Azure", "", re(`"operationName"[\s\S]*"resourceId"\s*:\s*"/(?i:subscriptions)/`)},
	}
})

// trailInCSV reports whether a text is CloudTrail data in CSV: the result of a CloudTrail Lake
// query, whose columns are the query's, or a download of the event history ("Event name").
func trailInCSV(text []byte) bool {
	header, rows, _ := bytes.Cut(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), []byte("\n"))
	if bytes.ContainsAny(header, "{[") {
		return false // JSON that contains a query for those columns
	}
	members := 0
	for _, column := range strings.Split(string(header), ",") {
		switch strings.ToLower(strings.ReplaceAll(strings.Trim(column, "\"\r "), " ", "")) {
		case "eventjson":
			return true
		case "event":
			if bytes.Contains(rows, []byte(`""eventVersion""`)) || bytes.Contains(rows, []byte(`""eventTime""`)) {
				return true
			}
		case "eventversion", "eventid", "eventtime", "eventsource", "eventname", "eventtype", "eventcategory", "useridentity", "recipientaccountid":
			members++
		}
	}
	return members >= 2
}

// foreign names the source of a file that is not read; "" if unknown.
func foreign(name string, text []byte) string {
	lower := strings.ToLower(name)
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	for _, f := range foreignSources() {
		if f.name != "" && strings.Contains(lower, f.name) || f.text != nil && f.text.Match(text) {
			return f.source
		}
	}
	return ""
}
