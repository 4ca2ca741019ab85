package awscatalog_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"polo/producers/emittertest"

	cetypes "github.com/aws/aws-sdk-go-v2/service/costexplorer/types"

	"polo/envelope"
	"polo/producers/awscatalog"
	"polo/producers/cloudtrail"
	"polo/producers/cloudwatch"
	"polo/producers/costexplorer"
	"polo/producers/cur"
	"polo/producers/inventory"
)

// seen is the time of all events in these tests.
var seen = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// TestOneKey describes one resource through each source, in the source's own form, and expects
// the same key from all. TestOneKeyOfEveryType does so for every type, with names generated from
// the tables.
func TestOneKey(t *testing.T) {
	t.Parallel()
	const at = ":eu-west-1:111122223333:"
	for _, tc := range []struct {
		key string
		// trail is "service operation request".
		trail string
		// listed is "service call answer" of the inventory.
		listed string
		// billed are ids in bills, each with its product code.
		billed []string
		// metric is "namespace dimension value ...".
		metric string
	}{
		{
			"arn:aws:ec2" + at + "instance/i-0123456789abcdef0", `ec2 RebootInstances {"instancesSet":{"items":[{"instanceId":"i-0123456789abcdef0"}]}}`,
			`ec2 DescribeInstances {"Reservations":[{"OwnerId":"111122223333","Instances":[{"InstanceId":"i-0123456789abcdef0"}]}]}`,
			[]string{"AmazonEC2 i-0123456789abcdef0", "AmazonEC2 arn:aws:ec2" + at + "instance/i-0123456789abcdef0"},
			"AWS/EC2 InstanceId i-0123456789abcdef0",
		},
		{
			"arn:aws:ec2:eu-west-1::snapshot/snap-0123456789abcdef0", `ec2 DeleteSnapshot {"snapshotId":"snap-0123456789abcdef0"}`,
			`ec2 DescribeSnapshots {"Snapshots":[{"SnapshotId":"snap-0123456789abcdef0","OwnerId":"111122223333"}]}`,
			[]string{"AmazonEC2 snap-0123456789abcdef0", "AmazonEC2 arn:aws:ec2" + at + "snapshot/snap-0123456789abcdef0"},
			"",
		},
		{
			"arn:aws:ec2" + at + "volume/vol-0123456789abcdef0", `ec2 DeleteVolume {"volumeId":"vol-0123456789abcdef0"}`,
			`ec2 DescribeVolumes {"Volumes":[{"VolumeId":"vol-0123456789abcdef0"}]}`,
			[]string{"AmazonEC2 vol-0123456789abcdef0"},
			"AWS/EBS VolumeId vol-0123456789abcdef0",
		},
		{
			"arn:aws:ec2" + at + "natgateway/nat-0123456789abcdef0", `ec2 DeleteNatGateway {"DeleteNatGatewayRequest":{"NatGatewayId":"nat-0123456789abcdef0"}}`,
			`ec2 DescribeNatGateways {"NatGateways":[{"NatGatewayId":"nat-0123456789abcdef0"}]}`,
			[]string{"AmazonEC2 arn:aws:ec2" + at + "natgateway/nat-0123456789abcdef0"},
			"AWS/NATGateway NatGatewayId nat-0123456789abcdef0",
		},
		{
			"arn:aws:s3:::b-example", `s3 PutBucketTagging {"bucketName":"b-example"}`, `s3 ListBuckets {"Buckets":[{"Name":"b-example"}]}`,
			[]string{"AmazonS3 b-example"},
			"AWS/S3 BucketName b-example StorageType StandardStorage",
		},
		{
			"arn:aws:lambda" + at + "function:f", `lambda PublishVersion20150331 {"functionName":"arn:aws:lambda` + at + `function:f"}`,
			`lambda ListFunctions {"Functions":[{"FunctionName":"f","FunctionArn":"arn:aws:lambda` + at + `function:f"}]}`,
			[]string{"AWSLambda arn:aws:lambda" + at + "function:f"},
			"AWS/Lambda FunctionName f",
		},
		{
			"arn:aws:logs" + at + "log-group:/aws/lambda/f", `logs DeleteLogGroup {"logGroupName":"/aws/lambda/f"}`,
			`logs DescribeLogGroups {"logGroups":[{"logGroupName":"/aws/lambda/f","arn":"arn:aws:logs` + at + `log-group:/aws/lambda/f:*"}]}`,
			[]string{"AmazonCloudWatch arn:aws:logs" + at + "log-group:/aws/lambda/f"},
			"AWS/Logs LogGroupName /aws/lambda/f",
		},
		{
			"arn:aws:sqs" + at + "jobs", `sqs PurgeQueue {"queueUrl":"https://sqs.eu-west-1.amazonaws.com/111122223333/jobs"}`,
			`sqs ListQueues {"QueueUrls":["https://sqs.eu-west-1.amazonaws.com/111122223333/jobs"]}`,
			[]string{"AWSQueueService arn:aws:sqs" + at + "jobs"},
			"AWS/SQS QueueName jobs",
		},
		{
			"arn:aws:elasticloadbalancing" + at + "loadbalancer/app/web/50dc6c495c0c9188",
			`elasticloadbalancing SetSecurityGroups {"loadBalancerArn":"arn:aws:elasticloadbalancing` + at + `loadbalancer/app/web/50dc6c495c0c9188"}`,
			`elbv2 DescribeLoadBalancers {"LoadBalancers":[{"LoadBalancerArn":"arn:aws:elasticloadbalancing` + at + `loadbalancer/app/web/50dc6c495c0c9188","LoadBalancerName":"web"}]}`,
			[]string{"AWSELB arn:aws:elasticloadbalancing" + at + "loadbalancer/app/web/50dc6c495c0c9188"},
			"AWS/ApplicationELB LoadBalancer app/web/50dc6c495c0c9188",
		},
		{
			"arn:aws:rds" + at + "db:main", `rds RebootDBInstance {"dBInstanceIdentifier":"main"}`,
			`rds DescribeDBInstances {"DBInstances":[{"DBInstanceIdentifier":"main","DBInstanceArn":"arn:aws:rds` + at + `db:main"}]}`,
			[]string{"AmazonRDS arn:aws:rds" + at + "db:main"},
			"AWS/RDS DBInstanceIdentifier main",
		},
		{
			"arn:aws:dynamodb" + at + "table/orders", `dynamodb UpdateTable {"tableName":"orders"}`, `dynamodb ListTables {"TableNames":["orders"]}`,
			[]string{"AmazonDynamoDB arn:aws:dynamodb" + at + "table/orders"},
			"AWS/DynamoDB TableName orders Operation Query",
		},
		{
			"arn:aws:ecs" + at + "service/web/front", `ecs UpdateService {"cluster":"web","service":"front"}`,
			`ecs DescribeServices {"services":[{"serviceArn":"arn:aws:ecs` + at + `service/web/front","clusterArn":"arn:aws:ecs` + at + `cluster/web"}]}`,
			[]string{"AmazonECS arn:aws:ecs" + at + "service/web/front"},
			"AWS/ECS ClusterName web ServiceName front",
		},
		{
			"arn:aws:events" + at + "rule/orders/n", `events DisableRule {"name":"n","eventBusName":"orders"}`, "",
			[]string{"AWSEvents arn:aws:events" + at + "rule/orders/n"},
			"AWS/Events EventBusName orders RuleName n",
		},
		{"arn:aws:events" + at + "rule/n", `events DisableRule {"name":"n","eventBusName":"default"}`, "", nil, "AWS/Events RuleName n"},
		{
			"arn:aws:route53:::hostedzone/Z0EXAMPLE", `route53 ChangeResourceRecordSets {"hostedZoneId":"/hostedzone/Z0EXAMPLE"}`,
			`route53 ListHostedZones {"HostedZones":[{"Id":"/hostedzone/Z0EXAMPLE","Name":"example.org."}]}`,
			[]string{"AmazonRoute53 arn:aws:route53:::hostedzone/Z0EXAMPLE"},
			"AWS/Route53 HostedZoneId Z0EXAMPLE",
		},
		{
			"arn:aws:kms" + at + "key/1234abcd-12ab-34cd-56ef-1234567890ab", `kms EnableKey {"keyId":"1234abcd-12ab-34cd-56ef-1234567890ab"}`,
			`kms ListKeys {"Keys":[{"KeyId":"1234abcd-12ab-34cd-56ef-1234567890ab","KeyArn":"arn:aws:kms` + at + `key/1234abcd-12ab-34cd-56ef-1234567890ab"}]}`,
			[]string{"awskms arn:aws:kms" + at + "key/1234abcd-12ab-34cd-56ef-1234567890ab"},
			"AWS/KMS KeyId 1234abcd-12ab-34cd-56ef-1234567890ab",
		},
	} {
		t.Run(tc.key, func(t *testing.T) {
			t.Parallel()
			got := map[string][]string{}
			if tc.listed == "" { // otherwise the service's own inventory reads it
				got["tagging"] = tagged(t, tc.key)
			}
			if tc.trail != "" {
				f := strings.SplitN(tc.trail, " ", 3)
				got["CloudTrail"] = []string{trailed(t, f[0], f[1], f[2]).ARN}
			}
			if tc.listed != "" {
				f := strings.SplitN(tc.listed, " ", 3)
				got["inventory"] = listed(t, f[0], f[1], f[2])
			}
			if len(tc.billed) > 0 {
				got["bill"] = billed(t, tc.billed)
			}
			for _, line := range tc.billed {
				product, id, _ := strings.Cut(line, " ")
				if strings.HasPrefix(id, "arn:") || product == "AmazonS3" {
					got["Cost Explorer "+id] = []string{explored(t, product, id)}
				}
			}
			if tc.metric != "" {
				f := strings.Fields(tc.metric)
				got["CloudWatch"] = []string{sampled(t, f[0], f[1:])}
			}
			for source, keys := range got {
				if len(keys) == 0 || slices.ContainsFunc(keys, func(k string) bool { return k != tc.key }) {
					t.Errorf("%s: %q", source, keys)
				}
			}
		})
	}
}

// Every member in CloudTrail's table, every rule for CloudWatch's dimensions, and every id and
// ARN in a bill gives the key that the catalogue builds from the same values.
func TestOneKeyOfEveryType(t *testing.T) {
	t.Parallel()
	sources := map[string]map[string]bool{}
	note := func(typ *awscatalog.Type, source string) {
		if sources[typ.Name] == nil {
			sources[typ.Name] = map[string]bool{}
		}
		sources[typ.Name][source] = true
	}
	for _, m := range members(t) {
		typ, _ := awscatalog.Lookup(m.typ)
		request := map[string]string{m.member: sample(typ)}
		for parameter, member := range m.others {
			request[member] = value(parameter)
		}
		text, err := json.Marshal(request)
		if err != nil {
			t.Fatal(err)
		}
		want, ok := typ.Build(place, sample(typ), func(p string) string {
			if m.others[p] == "" {
				return ""
			}
			return value(p)
		})
		e := trailed(t, m.source, "Update"+m.noun, string(text))
		all := append([]string{e.ARN}, e.Ancestors...)
		for _, r := range e.Relations {
			all = append(all, r.TargetARN)
		}
		if !ok || !slices.Contains(all, want) {
			t.Errorf("CloudTrail's %s of %s: %q, want %s", m.member, m.source, all, want)
		}
		note(typ, "CloudTrail")
	}
	for _, m := range metricRules(t) {
		typ, _ := awscatalog.Lookup(m.typ)
		dimensions := []string{m.dimension, sample(typ)}
		parameter, dimension, given := strings.Cut(m.other, "=")
		if given {
			dimensions = append(dimensions, dimension, value(parameter))
		}
		want, ok := typ.Build(place, sample(typ), func(p string) string {
			if p == parameter {
				return value(p)
			}
			return ""
		})
		if got := sampled(t, m.namespace, dimensions); !ok || got != want {
			t.Errorf("CloudWatch's %s of %s: %q, want %s", m.dimension, m.namespace, got, want)
		}
		note(typ, "CloudWatch")
	}
	collectors, err := inventory.Collectors(nil)
	if err != nil {
		t.Fatal(err)
	}
	inventoried := map[string]bool{}
	for _, c := range collectors {
		for _, typ := range c.Types() {
			inventoried[typ] = true
		}
	}
	var arns, ids, keys []string
	for _, typ := range awscatalog.Types() {
		if !typ.HasARN() {
			continue
		}
		key, ok := typ.Build(place, sample(typ), value)
		if !ok {
			t.Errorf("%s: no ARN", typ.Name)
			continue
		}
		a, err := envelope.ParseARN(key)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(a.Resource, typ.ResourceType()[len(typ.Service)+1:]) {
			// Bills add the account, and some the region, to ARNs that have none.
			a.AccountID, a.Region = orElse(a.AccountID, place.Account), orElse(a.Region, place.Region)
		}
		arns, keys = append(arns, "AmazonEC2 "+a.String()), append(keys, key)
		if got := explored(t, "AmazonEC2", a.String()); got != key {
			t.Errorf("Cost Explorer's %s is %s", a, got)
		}
		got := tagged(t, a.String())
		switch inventoried[typ.ResourceType()] {
		case true:
			note(typ, "inventory")
		case false:
			note(typ, "tagging")
			if !slices.Equal(got, []string{key}) {
				t.Errorf("tagging's %s is %q", a, got)
			}
		}
		note(typ, "bill")
		note(typ, "Cost Explorer")
		if of, ok := awscatalog.OfID(sample(typ), false); ok && of == typ {
			ids, arns, keys = append(ids, typ.Name), append(arns, "AmazonEC2 "+sample(typ)), append(keys, key)
		}
	}
	got := billed(t, arns)
	slices.Sort(keys)
	if keys = slices.Compact(keys); !slices.Equal(got, keys) {
		t.Errorf("a bill's lines have %d keys, %d of them wanted; first of %q, want %q", len(got), len(keys), firstOther(got, keys), firstOther(keys, got))
	}
	if len(ids) < 70 {
		t.Errorf("%d types are found by an id alone", len(ids))
	}
	counts := map[int]int{}
	for _, s := range sources {
		counts[len(s)]++
	}
	t.Logf("%d types; by how many sources name each: %v", len(sources), counts)
}

func orElse(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

func firstOther(a, b []string) string {
	for _, s := range a {
		if !slices.Contains(b, s) {
			return s
		}
	}
	return ""
}

// sample returns a name or id of a type in the form of its interfaces.
func sample(t *awscatalog.Type) string {
	switch t.Name {
	case "ec2:key-pair", "ec2:placement-group": // the id is not in the ARN, which has the name
		return "name1"
	case "elasticloadbalancing:loadbalancer/v2":
		return "app/web/50dc6c495c0c9188"
	case "elasticloadbalancing:targetgroup":
		return "web/50dc6c495c0c9188"
	}
	if prefixes := t.IDPrefixes(); len(prefixes) > 0 {
		return prefixes[0] + "-0123456789abcdef0"
	}
	return "name1"
}

// value returns the value of a further parameter.
func value(parameter string) string {
	switch parameter {
	case "scope":
		return "regional"
	case "path":
		return ""
	}
	return "in" + strings.ToLower(strings.ReplaceAll(parameter, "-", ""))
}

// trailed returns the activity of a CloudTrail record.
func trailed(t *testing.T, service, operation, request string) envelope.ResourceEvent {
	t.Helper()
	out, err := cloudtrail.NewNormaliser(cloudtrail.Config{}).Normalise(fmt.Appendf(nil, `{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/mira","accountId":"111122223333"},
		"eventTime":"2026-01-02T03:04:05Z","eventSource":"%s.amazonaws.com","eventName":"%s","awsRegion":"eu-west-1","requestParameters":%s,"responseElements":null,
		"eventID":"0c2e4a86-1111-2222-3333-444455556666","readOnly":false,"eventType":"AwsApiCall","recipientAccountId":"111122223333"}`, service, operation, request), seen)
	if err != nil {
		t.Fatal(err)
	}
	return out.Events[0]
}

// listed returns the ARNs in a recorded answer.
func listed(t *testing.T, service, call, answer string) []string {
	t.Helper()
	events, _, err := inventory.NormaliseRecording(service, call, []byte(answer), inventory.Origin{Account: place.Account, Region: place.Region, ObservedAt: seen, At: seen})
	if err != nil {
		t.Fatal(err)
	}
	return keysOf(events)
}

// tagged returns the ARNs that the Resource Groups Tagging API lists.
func tagged(t *testing.T, arn string) []string {
	t.Helper()
	return listed(t, "resourcegroupstaggingapi", "GetResources", `{"ResourceTagMappingList":[{"ResourceARN":"`+arn+`","Tags":[]}]}`)
}

func keysOf(events []envelope.ResourceEvent) []string {
	var keys []string
	for _, e := range events {
		if e.ARN != "" && !strings.HasPrefix(e.EventType, "scan.") && !strings.HasPrefix(e.EventType, "run.") {
			keys = append(keys, e.ARN)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// billed returns the ARNs of a bill's lines, each "product id".
func billed(t *testing.T, lines []string) []string {
	t.Helper()
	var b strings.Builder
	b.WriteString("identity/LineItemId,bill/PayerAccountId,bill/BillingPeriodStartDate,bill/BillingPeriodEndDate,lineItem/UsageAccountId,lineItem/LineItemType,lineItem/UsageStartDate,lineItem/UsageEndDate,lineItem/ProductCode,lineItem/ResourceId,lineItem/UsageAmount,lineItem/CurrencyCode,lineItem/UnblendedCost,product/region\n")
	for i, line := range lines {
		product, id, _ := strings.Cut(line, " ")
		fmt.Fprintf(&b, "l%d,111122223333,2026-01-01T00:00:00Z,2026-02-01T00:00:00Z,111122223333,Usage,2026-01-02T00:00:00Z,2026-01-02T01:00:00Z,%s,%s,1,USD,0.05,eu-west-1\n", i, product, id)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "bill.csv"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	var taken emittertest.Recorder
	if _, err := (cur.Files{Input: dir, ObservedAt: seen}).Collect(t.Context(), &taken); err != nil || len(taken.Failures) > 0 {
		t.Fatal(err, taken.Failures)
	}
	return keysOf(taken.Events)
}

// explored returns the ARN of a line of Cost Explorer.
func explored(t *testing.T, product, id string) string {
	t.Helper()
	service := map[string]string{"AmazonS3": "Amazon Simple Storage Service"}[product]
	got, err := costexplorer.NormaliseRecording(fmt.Appendf(nil, `{"ResultsByTime":[{"TimePeriod":{"Start":"2026-01-01","End":"2026-01-02"},"Groups":[{"Keys":[%q,%q],"Metrics":{"UnblendedCost":{"Amount":"1","Unit":"USD"}}}],"Estimated":false}]}`, service, id),
		costexplorer.Recording{Payer: place.Account, Granularity: cetypes.GranularityDaily, ObservedAt: seen, GroupBy: []costexplorer.Group{
			{Type: cetypes.GroupDefinitionTypeDimension, Key: "SERVICE"}, {Type: cetypes.GroupDefinitionTypeDimension, Key: "RESOURCE_ID"},
		}})
	if err != nil || len(got.Events) != 1 {
		t.Fatal(err, got)
	}
	return got.Events[0].ARN
}

// sampled returns the ARN of a metric with dimensions: names and values in turn.
func sampled(t *testing.T, namespace string, dimensions []string) string {
	t.Helper()
	r := cloudwatch.Recording{Namespace: namespace, Metric: "m", Dimensions: map[string]string{}, AccountID: place.Account, Region: place.Region, ObservedAt: seen}
	for i := 0; i+1 < len(dimensions); i += 2 {
		r.Dimensions[dimensions[i]] = dimensions[i+1]
	}
	got, err := cloudwatch.NormaliseRecording([]byte(`{"Label":"m","Datapoints":[{"Timestamp":"2026-01-01T00:00:00Z","Sum":2}]}`), r)
	if err != nil {
		t.Fatal(err)
	}
	return got.Events[0].ARN
}

// member is a line of CloudTrail's table.
type member struct {
	source, member, noun, typ string
	others                    map[string]string
}

func members(t *testing.T) []member {
	t.Helper()
	text, err := os.ReadFile("../cloudtrail/resolve/keys.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []member
	seen := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) < 3 || strings.HasPrefix(line, "#") || strings.HasPrefix(f[2], "-") || seen[f[0]+f[1]] {
			continue
		}
		seen[f[0]+f[1]] = true
		m := member{typ: f[2], source: f[0], others: map[string]string{}}
		if f[0] == "cloudwatch" {
			m.source = "monitoring"
		}
		m.member, m.noun, _ = strings.Cut(f[1], "@")
		m.noun = strings.TrimPrefix(m.noun, "=")
		if m.noun != "" {
			m.noun = strings.ToUpper(m.noun[:1]) + m.noun[1:]
		} else {
			m.noun = "Thing"
		}
		if m.typ == "ssm:parameter" && m.member == "resourceid" {
			continue // with a resourceType only
		}
		for _, o := range f[3:] {
			if parameter, from, _ := strings.Cut(o, "="); parameter != "account" {
				m.others[parameter] = from
			}
		}
		out = append(out, m)
	}
	return out
}

// metricRule is a rule of CloudWatch's.
type metricRule struct{ namespace, typ, dimension, other string }

func metricRules(t *testing.T) []metricRule {
	t.Helper()
	text, err := os.ReadFile("../cloudwatch/rules.go")
	if err != nil {
		t.Fatal(err)
	}
	constants := map[string]string{}
	for _, c := range regexp.MustCompile(`(\w+)\s+= "([^"]+)"`).FindAllStringSubmatch(string(text), -1) {
		constants[c[1]] = c[2]
	}
	var out []metricRule
	for _, r := range regexp.MustCompile(`\{(\w+|"[^"]+"(?: \+ \w+)?), "([^"]+)", "([^"]+)", "([^"]*)", (?:""|\w+)\}`).FindAllStringSubmatch(string(text), -1) {
		namespaces, constant := constants[r[1]]
		if !constant {
			namespaces = strings.Trim(r[1], `"`)
		}
		namespace := strings.Fields(namespaces)[0]
		if r[3] == "RuleName" && r[4] == "" {
			continue // in TestOneKey: with a bus the same members match another rule
		}
		out = append(out, metricRule{namespace, r[2], r[3], r[4]})
	}
	if len(out) < 45 {
		t.Errorf("%d rules were found", len(out))
	}
	return out
}
