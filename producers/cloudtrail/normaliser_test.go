package cloudtrail_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/producers/cloudtrail"
	"polo/producers/cloudtrail/resolve"
)

const (
	ec2      = "arn:aws:ec2:eu-west-1:111122223333:"
	root     = "arn:aws:iam::111122223333:root"
	created  = "resource.created "
	updated  = "resource.updated "
	deleted  = "resource.deleted "
	inRegion = "arn:aws:account::111122223333:region/eu-west-1"
	instance = ec2 + "instance/i-0123456789abcdef0"
	second   = ec2 + "instance/i-0fedcba9876543210"
	volume   = ec2 + "volume/vol-0123456789abcdef0"
	subnet   = ec2 + "subnet/subnet-0123456789abcdef0"
	vpc      = ec2 + "vpc/vpc-0123456789abcdef0"
	sg       = ec2 + "security-group/sg-0123456789abcdef0"
)

// TestResolution: which resource a call acted on, how it was found, and which changes the call
// made.
func TestResolution(t *testing.T) {
	t.Parallel()
	const ()
	cases := []struct {
		name    string
		call    call
		arn     string
		how     resolve.Resolution
		changes []string
	}{
		{
			"resources entry",
			call{source: "s3", name: "PutBucketPolicy", request: `{"bucketName":"b-example"}`, resources: `[{"type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::b-example","accountId":"111122223333"}]`},
			"arn:aws:s3:::b-example", resolve.ResolvedResources,
			[]string{updated + "arn:aws:s3:::b-example"},
		},
		{
			"resources entry, lower case and no type",
			call{source: "s3", name: "DeleteBucket", resources: `[{"arn":"arn:aws:s3:::b-example"}]`},
			"arn:aws:s3:::b-example", resolve.ResolvedResources,
			[]string{deleted + "arn:aws:s3:::b-example"},
		},
		{
			"the object before its bucket",
			call{source: "s3", name: "PutObject", request: `{"bucketName":"b-example","key":"a/b.txt"}`, resources: `[{"type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::b-example"},{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::b-example/a/b.txt"}]`},
			"arn:aws:s3:::b-example/a/b.txt", resolve.ResolvedResources,
			[]string{created + "arn:aws:s3:::b-example/a/b.txt"},
		},
		{
			"a prefix of ARNs",
			call{source: "s3", name: "ListObjects", readOnly: "true", resources: `[{"type":"AWS::S3::Object","ARNPrefix":"arn:aws:s3:::b-example/"},{"type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::b-example"}]`},
			"arn:aws:s3:::b-example", resolve.ResolvedResources, nil,
		},
		{
			"response ARN of the noun",
			call{source: "iam", name: "CreateRole", request: `{"roleName":"web","path":"/app/","permissionsBoundary":"arn:aws:iam::111122223333:policy/limit"}`, response: `{"role":{"path":"/app/","roleName":"web","arn":"arn:aws:iam::111122223333:role/app/web"}}`},
			"arn:aws:iam::111122223333:role/app/web", resolve.ResolvedResponseARN,
			[]string{created + "arn:aws:iam::111122223333:role/app/web"},
		},
		{
			"oddly spelt response ARN",
			call{source: "secretsmanager", name: "DeleteSecret", request: `{"secretId":"db"}`, response: `{"aRN":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf","name":"db"}`},
			"arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf", resolve.ResolvedResponseARN,
			[]string{deleted + "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf"},
		},
		{
			"a function, not its role",
			call{source: "lambda", name: "CreateFunction20150331", request: `{"functionName":"f","role":"arn:aws:iam::111122223333:role/f"}`, response: `{"functionArn":"arn:aws:lambda:eu-west-1:111122223333:function:f","role":"arn:aws:iam::111122223333:role/f","state":"Pending"}`},
			"arn:aws:lambda:eu-west-1:111122223333:function:f", resolve.ResolvedResponseARN,
			[]string{created + "arn:aws:lambda:eu-west-1:111122223333:function:f"},
		},
		{
			"request ARN",
			call{source: "sns", name: "DeleteTopic", request: `{"topicArn":"arn:aws:sns:eu-west-1:111122223333:t"}`},
			"arn:aws:sns:eu-west-1:111122223333:t", resolve.ResolvedRequestARN,
			[]string{deleted + "arn:aws:sns:eu-west-1:111122223333:t"},
		},
		{
			"attached policy is not what changes",
			call{source: "iam", name: "AttachRolePolicy", request: `{"roleName":"web","policyArn":"arn:aws:iam::aws:policy/ReadOnlyAccess"}`},
			"arn:aws:iam::111122223333:role/web", resolve.ResolvedBuilt,
			[]string{updated + "arn:aws:iam::111122223333:role/web"},
		},
		{
			"an access key changes its user",
			call{source: "iam", name: "CreateAccessKey", request: `{"userName":"mira"}`, response: `{"accessKey":{"accessKeyId":"AKIAEXAMPLE","status":"Active","userName":"mira"}}`},
			userARN, resolve.ResolvedBuilt,
			[]string{updated + userARN},
		},
		{
			"role into profile",
			call{source: "iam", name: "AddRoleToInstanceProfile", request: `{"roleName":"web","instanceProfileName":"web"}`},
			"arn:aws:iam::111122223333:instance-profile/web", resolve.ResolvedBuilt,
			[]string{updated + "arn:aws:iam::111122223333:instance-profile/web"},
		},
		{
			"several instances",
			call{source: "ec2", name: "TerminateInstances", request: `{"instancesSet":{"items":[{"instanceId":"i-0123456789abcdef0"},{"instanceId":"i-0fedcba9876543210"}]}}`, response: `{"instancesSet":{"items":[{"instanceId":"i-0123456789abcdef0","currentState":{"code":32,"name":"shutting-down"},"previousState":{"code":16,"name":"running"}},{"instanceId":"i-0fedcba9876543210","currentState":{"code":32,"name":"shutting-down"}}]}}`},
			instance, resolve.ResolvedBuilt,
			[]string{deleted + instance, deleted + second},
		},
		{
			"tags on resources of several kinds",
			call{source: "ec2", name: "CreateTags", request: `{"resourcesSet":{"items":[{"resourceId":"i-0123456789abcdef0"},{"resourceId":"vol-0123456789abcdef0"}]},"tagSet":{"items":[{"key":"team","value":"search"}]}}`},
			instance, resolve.ResolvedBuilt,
			[]string{updated + instance, updated + volume},
		},
		{
			"attach a volume",
			call{source: "ec2", name: "AttachVolume", request: `{"volumeId":"vol-0123456789abcdef0","instanceId":"i-0123456789abcdef0","device":"/dev/sdf"}`},
			volume, resolve.ResolvedBuilt,
			[]string{updated + volume},
		},
		{
			"a rule changes its group",
			call{source: "ec2", name: "AuthorizeSecurityGroupIngress", request: `{"groupId":"sg-0123456789abcdef0","ipPermissions":{"items":[{"groups":{"items":[{"groupId":"sg-0fedcba9876543210"}]}}]}}`},
			sg, resolve.ResolvedBuilt,
			[]string{updated + sg},
		},
		{
			"a route changes its table",
			call{source: "ec2", name: "CreateRoute", request: `{"routeTableId":"rtb-0123456789abcdef0","gatewayId":"igw-0123456789abcdef0"}`},
			ec2 + "route-table/rtb-0123456789abcdef0", resolve.ResolvedBuilt,
			[]string{updated + ec2 + "route-table/rtb-0123456789abcdef0"},
		},
		{
			"an address by its allocation",
			call{source: "ec2", name: "AllocateAddress", response: `{"allocationId":"eipalloc-0123456789abcdef0"}`},
			ec2 + "elastic-ip/eipalloc-0123456789abcdef0", resolve.ResolvedBuilt,
			[]string{created + ec2 + "elastic-ip/eipalloc-0123456789abcdef0"},
		},
		{
			"a request in its own wrapping",
			call{source: "ec2", name: "DeleteNatGateway", request: `{"DeleteNatGatewayRequest":{"NatGatewayId":"nat-0123456789abcdef0"}}`},
			ec2 + "natgateway/nat-0123456789abcdef0", resolve.ResolvedBuilt,
			[]string{deleted + ec2 + "natgateway/nat-0123456789abcdef0"},
		},
		{
			"a tagged scalar",
			call{source: "ec2", name: "DescribeNatGateways", readOnly: "true", request: `{"DescribeNatGatewaysRequest":{"NatGatewayId":{"tag":1,"content":"nat-0123456789abcdef0"}}}`},
			ec2 + "natgateway/nat-0123456789abcdef0", resolve.ResolvedBuilt, nil,
		},
		{
			"a snapshot has no account",
			call{source: "ec2", name: "CreateSnapshot", request: `{"volumeId":"vol-0123456789abcdef0"}`, response: `{"snapshotId":"snap-0123456789abcdef0","volumeId":"vol-0123456789abcdef0","status":"pending"}`},
			"arn:aws:ec2:eu-west-1::snapshot/snap-0123456789abcdef0", resolve.ResolvedBuilt,
			[]string{created + "arn:aws:ec2:eu-west-1::snapshot/snap-0123456789abcdef0"},
		},
		{
			"a filter is not what is acted on",
			call{source: "ec2", name: "DescribeSubnets", readOnly: "true", request: `{"subnetSet":{},"filterSet":{"items":[{"name":"vpc-id","valueSet":{"items":[{"value":"vpc-0123456789abcdef0"}]}}]}}`},
			roleARN, resolve.ResolvedPrincipal, nil,
		},
		{
			"bucket by name",
			call{source: "s3", name: "CreateBucket", request: `{"bucketName":"b-example"}`},
			"arn:aws:s3:::b-example", resolve.ResolvedBuilt,
			[]string{created + "arn:aws:s3:::b-example"},
		},
		{
			"function by name and qualifier",
			call{source: "lambda", name: "Invoke", readOnly: "false", request: `{"functionName":"111122223333:function:f:live"}`},
			"arn:aws:lambda:eu-west-1:111122223333:function:f:live", resolve.ResolvedBuilt, nil,
		},
		{
			"parameter, first version",
			call{source: "ssm", name: "PutParameter", request: `{"name":"/app/db","value":"HIDDEN_DUE_TO_SECURITY_REASONS","type":"SecureString"}`, response: `{"version":1}`},
			"arn:aws:ssm:eu-west-1:111122223333:parameter/app/db", resolve.ResolvedBuilt,
			[]string{created + "arn:aws:ssm:eu-west-1:111122223333:parameter/app/db"},
		},
		{
			"parameter, later version",
			call{source: "ssm", name: "PutParameter", request: `{"name":"db","type":"String"}`, response: `{"version":12}`},
			"arn:aws:ssm:eu-west-1:111122223333:parameter/db", resolve.ResolvedBuilt,
			[]string{updated + "arn:aws:ssm:eu-west-1:111122223333:parameter/db"},
		},
		{
			"command to an instance",
			call{source: "ssm", name: "SendCommand", request: `{"documentName":"AWS-RunShellScript","instanceIds":["i-0123456789abcdef0"]}`},
			instance, resolve.ResolvedBuilt, nil,
		},
		{
			"secret by name",
			call{source: "secretsmanager", name: "GetSecretValue", readOnly: "true", request: `{"secretId":"db"}`},
			"arn:aws:secretsmanager:eu-west-1:111122223333:secret:db", resolve.ResolvedPartial, nil,
		},
		{
			"key alias",
			call{source: "kms", name: "DescribeKey", readOnly: "true", request: `{"keyId":"alias/app"}`},
			"arn:aws:kms:eu-west-1:111122223333:alias/app", resolve.ResolvedBuilt, nil,
		},
		{
			"table",
			call{source: "dynamodb", name: "UpdateTable", request: `{"tableName":"t"}`, response: `{"tableDescription":{"tableArn":"arn:aws:dynamodb:eu-west-1:111122223333:table/t","tableStatus":"UPDATING"}}`},
			"arn:aws:dynamodb:eu-west-1:111122223333:table/t", resolve.ResolvedResponseARN,
			[]string{updated + "arn:aws:dynamodb:eu-west-1:111122223333:table/t"},
		},
		{
			"an item does not change its table",
			call{source: "dynamodb", name: "PutItem", request: `{"tableName":"t"}`},
			"arn:aws:dynamodb:eu-west-1:111122223333:table/t", resolve.ResolvedBuilt, nil,
		},
		{
			"queue by URL",
			call{source: "sqs", name: "DeleteQueue", request: `{"queueUrl":"https://sqs.eu-central-1.amazonaws.com/444455556666/q"}`},
			"arn:aws:sqs:eu-central-1:444455556666:q", resolve.ResolvedBuilt,
			[]string{deleted + "arn:aws:sqs:eu-central-1:444455556666:q"},
		},
		{
			"log group",
			call{source: "logs", name: "CreateLogGroup", request: `{"logGroupName":"/aws/lambda/f","tags":{"team":"search"}}`},
			"arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/f", resolve.ResolvedBuilt,
			[]string{created + "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/f"},
		},
		{
			"database",
			call{source: "rds", name: "StopDBInstance", request: `{"dBInstanceIdentifier":"db1"}`, response: `{"dBInstanceIdentifier":"db1","dBInstanceArn":"arn:aws:rds:eu-west-1:111122223333:db:db1","dBInstanceStatus":"stopping"}`},
			"arn:aws:rds:eu-west-1:111122223333:db:db1", resolve.ResolvedResponseARN,
			[]string{updated + "arn:aws:rds:eu-west-1:111122223333:db:db1"},
		},
		{
			"classic load balancer",
			call{source: "elasticloadbalancing", name: "RegisterInstancesWithLoadBalancer", request: `{"loadBalancerName":"lb","instances":[{"instanceId":"i-0123456789abcdef0"}]}`},
			"arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/lb", resolve.ResolvedBuilt,
			[]string{updated + "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/lb"},
		},
		{
			"targets change their group",
			call{source: "elasticloadbalancing", name: "DeregisterTargets", request: `{"targetGroupArn":"arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/tg/0123456789abcdef","targets":[{"id":"i-0123456789abcdef0"}]}`},
			"arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/tg/0123456789abcdef", resolve.ResolvedRequestARN,
			[]string{updated + "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/tg/0123456789abcdef"},
		},
		{
			"ecs service in the default cluster",
			call{source: "ecs", name: "UpdateService", request: `{"service":"web","desiredCount":3}`},
			"arn:aws:ecs:eu-west-1:111122223333:service/default/web", resolve.ResolvedBuilt,
			[]string{updated + "arn:aws:ecs:eu-west-1:111122223333:service/default/web"},
		},
		{
			"state machine execution",
			call{source: "states", name: "StartExecution", request: `{"stateMachineArn":"arn:aws:states:eu-west-1:111122223333:stateMachine:m"}`, response: `{"executionArn":"arn:aws:states:eu-west-1:111122223333:execution:m:1"}`},
			"arn:aws:states:eu-west-1:111122223333:execution:m:1", resolve.ResolvedResponseARN,
			[]string{created + "arn:aws:states:eu-west-1:111122223333:execution:m:1"},
		},
		{
			"hosted zone",
			call{source: "route53", name: "ChangeResourceRecordSets", request: `{"hostedZoneId":"/hostedzone/Z0EXAMPLE"}`},
			"arn:aws:route53:::hostedzone/Z0EXAMPLE", resolve.ResolvedBuilt,
			[]string{updated + "arn:aws:route53:::hostedzone/Z0EXAMPLE"},
		},
		{
			"stage of an API",
			call{source: "apigateway", name: "CreateStage", request: `{"restApiId":"abc123","createStageInput":{"stageName":"prod"}}`},
			"arn:aws:apigateway:eu-west-1::/restapis/abc123/stages/prod", resolve.ResolvedBuilt,
			[]string{created + "arn:aws:apigateway:eu-west-1::/restapis/abc123/stages/prod"},
		},
		{
			"only the request says the ARN in a name's place",
			call{source: "ecs", name: "DeleteCluster", request: `{"cluster":"arn:aws:ecs:eu-west-1:111122223333:cluster/c"}`},
			"arn:aws:ecs:eu-west-1:111122223333:cluster/c", resolve.ResolvedRequestARN,
			[]string{deleted + "arn:aws:ecs:eu-west-1:111122223333:cluster/c"},
		},
		{
			"another service's tagging API",
			call{source: "tagging", name: "TagResources", request: `{"resourceARNList":["arn:aws:sqs:eu-west-1:111122223333:q","arn:aws:sns:eu-west-1:111122223333:t"],"tags":{"team":"search"}}`},
			"arn:aws:sqs:eu-west-1:111122223333:q", resolve.ResolvedRequestARN,
			[]string{updated + "arn:aws:sqs:eu-west-1:111122223333:q", updated + "arn:aws:sns:eu-west-1:111122223333:t"},
		},
		{
			"service event",
			call{source: "secretsmanager", name: "EndSecretVersionDelete", eventType: "AwsServiceEvent", extra: `"additionalEventData":{"ARN":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf"},`},
			"arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf", resolve.ResolvedDetailsARN, nil,
		},
		{
			"list",
			call{source: "s3", name: "ListBuckets", readOnly: "true", identity: iamUser},
			userARN, resolve.ResolvedPrincipal, nil,
		},
		{
			"a service reads",
			call{source: "ec2", name: "DescribeRegions", readOnly: "true", identity: `{"type":"AWSService","invokedBy":"trustedadvisor.amazonaws.com"}`},
			root, resolve.ResolvedAccount, nil,
		},
		{
			"sign-in",
			call{source: "signin", name: "ConsoleLogin", eventType: "AwsConsoleSignIn", identity: iamUser, response: `{"ConsoleLogin":"Success"}`},
			userARN, resolve.ResolvedPrincipal, nil,
		},
		{
			"failed call",
			call{source: "s3", name: "CreateBucket", request: `{"bucketName":"b-example"}`, response: `{"location":"/b-example"}`, errorCode: "BucketAlreadyExists"},
			"arn:aws:s3:::b-example", resolve.ResolvedBuilt, nil,
		},
		{
			"dry run",
			call{source: "ec2", name: "TerminateInstances", request: `{"instancesSet":{"items":[{"instanceId":"i-0123456789abcdef0"}]}}`, errorCode: "Client.DryRunOperation"},
			instance, resolve.ResolvedBuilt, nil,
		},
		{
			"denied, with the resource in the message",
			call{source: "sts", name: "AssumeRole", readOnly: "true", extra: `"errorMessage":"User: x is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/web",`},
			"arn:aws:iam::111122223333:role/web", resolve.ResolvedErrorMessage, nil,
		},
		{
			"throttled, without the request",
			call{source: "ssm", name: "DeleteParameter", errorCode: "ThrottlingException"},
			"", resolve.UnresolvedNoParameters, nil,
		},
		{
			"never created",
			call{source: "ec2", name: "RunInstances", request: `{"subnetId":"subnet-0123456789abcdef0"}`, errorCode: "Client.InsufficientInstanceCapacity"},
			"", resolve.UnresolvedFailedCreation, nil,
		},
		{
			"an association has no ARN",
			call{source: "ec2", name: "DisassociateRouteTable", request: `{"associationId":"rtbassoc-0123456789abcdef0"}`},
			"", resolve.UnresolvedIDWithoutARN, nil,
		},
		{
			"a group's ARN holds more than its name",
			call{source: "autoscaling", name: "SetDesiredCapacity", request: `{"autoScalingGroupName":"web"}`},
			"", resolve.UnresolvedIDWithoutARN, nil,
		},
		{
			"objects without names",
			call{source: "s3", name: "DeleteObjects", request: `{"bucketName":"b-example","delete":""}`, resources: `[{"type":"AWS::S3::Object","ARNPrefix":"arn:aws:s3:::b-example/"},{"type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::b-example"}]`},
			"arn:aws:s3:::b-example", resolve.ResolvedResources, nil,
		},
		{
			"a prefix is not what is deleted",
			call{source: "s3", name: "DeleteObject", resources: `[{"type":"AWS::S3::Object","ARNPrefix":"arn:aws:s3:::b-example/"}]`},
			"arn:aws:s3:::b-example", resolve.ResolvedResources,
			[]string{updated + "arn:aws:s3:::b-example"},
		},
		{
			"failed sign-in",
			call{source: "signin", name: "ConsoleLogin", eventType: "AwsConsoleSignIn", identity: `{"type":"IAMUser","accountId":"111122223333","userName":"mira"}`, extra: `"errorMessage":"Failed authentication",`},
			userARN, resolve.ResolvedPrincipal, nil,
		},
	}
	n := cloudtrail.NewNormaliser(cloudtrail.Config{})
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			out := normalise(t, n, tc.call.json())
			if got := out.Events[0].ARN; got != tc.arn {
				t.Errorf("ARN %q, want %q", got, tc.arn)
			}
			if out.How != tc.how {
				t.Errorf("how %q, want %q", out.How, tc.how)
			}
			var changes []string
			for _, e := range out.Events[1:] {
				changes = append(changes, e.EventType+" "+e.ARN)
			}
			if d := cmp.Diff(tc.changes, changes); d != "" {
				t.Errorf("changes (-want +got):\n%s", d)
			}
		})
	}
}

// TestRunInstances: the call with the most resources: two instances, each with its own ancestors
// and relations.
func TestRunInstances(t *testing.T) {
	t.Parallel()
	item := func(id, eni, subnet string) string {
		return `{"instanceId":"` + id + `","imageId":"ami-0123456789abcdef0","instanceState":{"code":0,"name":"pending"},"subnetId":"` + subnet +
			`","vpcId":"vpc-0123456789abcdef0","monitoring":{"state":"disabled"},"groupSet":{"items":[{"groupId":"sg-0123456789abcdef0"}]},` +
			`"networkInterfaceSet":{"items":[{"networkInterfaceId":"` + eni + `","attachment":{"status":"attaching"}}]},` +
			`"iamInstanceProfile":{"arn":"arn:aws:iam::111122223333:instance-profile/web","id":"AIPAEXAMPLE"},"tagSet":{"items":[{"key":"Name","value":"web"}]}}`
	}
	c := call{
		source: "ec2", name: "RunInstances",
		request: `{"instancesSet":{"items":[{"imageId":"ami-0123456789abcdef0","minCount":2,"maxCount":2}]},"tagSpecificationSet":{"items":[{"resourceType":"instance","tags":[{"key":"Name","value":"web"},{"key":"marqo-customer","value":"acme"}]},{"resourceType":"volume","tags":[{"key":"Name","value":"disk"}]}]}}`,
		response: `{"requestId":"x","reservationId":"r-0123456789abcdef0","ownerId":"111122223333","instancesSet":{"items":[` +
			item("i-0123456789abcdef0", "eni-0123456789abcdef0", "subnet-0123456789abcdef0") + `,` +
			item("i-0fedcba9876543210", "eni-0fedcba9876543210", "subnet-0fedcba9876543210") + `]}}`,
	}
	n := cloudtrail.NewNormaliser(cloudtrail.Config{Identity: func(tags envelope.Pairs) (string, string, string) {
		return tags.Get("marqo-customer"), "", ""
	}})
	out := normalise(t, n, c.json())
	if len(out.Events) != 3 {
		t.Fatalf("%d events, want an activity and two instances", len(out.Events))
	}
	e := out.Events[2]
	want := envelope.ResourceEvent{
		EventType: envelope.TypeResourceCreated, ARN: second, ResourceType: "ec2:instance", ResourceID: "i-0fedcba9876543210",
		ResourceName: "web", State: "pending", MarqoCustomer: "acme", AccountID: account, Region: region, Service: "ec2",
		Actor: "arn:aws:sts::111122223333:assumed-role/deploy/ci", Platform: "aws", Source: "aws.cloudtrail",
		Ancestors: []string{ec2 + "subnet/subnet-0fedcba9876543210", vpc, inRegion, root},
		Relations: []envelope.Relation{
			{Type: "attached_to", TargetARN: ec2 + "network-interface/eni-0fedcba9876543210"},
			{Type: "member_of", TargetARN: sg},
			{Type: "launched_from", TargetARN: "arn:aws:ec2:eu-west-1::image/ami-0123456789abcdef0"},
			{Type: "uses_role", TargetARN: "arn:aws:iam::111122223333:instance-profile/web"},
		},
		Tags: envelope.PairsOf(map[string]string{"Name": "web", "marqo-customer": "acme"}),
	}
	e.EventID, e.TS, e.ObservedAt, e.Properties = want.EventID, want.TS, want.ObservedAt, nil
	if d := cmp.Diff(want, e); d != "" {
		t.Errorf("second instance (-want +got):\n%s", d)
	}
	if got := out.Events[0].Ancestors; !cmp.Equal(got, []string{subnet, vpc, inRegion, root}) {
		t.Errorf("ancestors of the activity: %v", got)
	}
}

// TestStates: a state belongs to its resource, and a dry run changes nothing.
func TestStates(t *testing.T) {
	t.Parallel()
	n := cloudtrail.NewNormaliser(cloudtrail.Config{})
	for _, tc := range []struct {
		call  call
		state string
	}{
		{call{source: "ec2", name: "CreateVolume", response: `{"volumeId":"vol-0123456789abcdef0","status":"creating"}`}, "creating"},
		{call{source: "ec2", name: "CreateRouteTable", response: `{"routeTable":{"routeTableId":"rtb-0123456789abcdef0","routeSet":{"items":[{"state":"active"}]}}}`}, ""},
		{call{source: "ec2", name: "StopInstances", response: `{"instancesSet":{"items":[{"instanceId":"i-0123456789abcdef0","currentState":{"code":64,"name":"stopping"},"previousState":{"code":16,"name":"running"}}]}}`}, "stopping"},
		{call{source: "rds", name: "DeleteDBInstance", response: `{"dBInstanceArn":"arn:aws:rds:eu-west-1:111122223333:db:d","dBInstanceStatus":"deleting"}`}, "deleting"},
		{call{source: "appmesh", name: "CreateVirtualNode", response: `{"virtualNode":{"metadata":{"arn":"arn:aws:appmesh:eu-west-1:111122223333:mesh/m/virtualNode/n"},"status":{"status":"ACTIVE"}}}`}, "ACTIVE"},
		{call{source: "iam", name: "CreateAccessKey", response: `{"accessKey":{"status":"Active","userName":"mira"}}`}, ""},
	} {
		out := normalise(t, n, tc.call.json())
		if len(out.Events) != 2 || out.Events[1].State != tc.state || out.Events[0].State != tc.state {
			t.Errorf("%s: %d events, state %q, want %q", tc.call.name, len(out.Events), out.Events[0].State, tc.state)
		}
	}
	trial := call{source: "ec2", name: "StopInstances", request: `{"instancesSet":{"items":[{"instanceId":"i-0123456789abcdef0"}]},"dryRun":true}`}
	if out := normalise(t, n, trial.json()); len(out.Events) != 1 {
		t.Errorf("a trial run gives %d events", len(out.Events))
	}
}
