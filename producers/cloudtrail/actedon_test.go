package cloudtrail_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/producers/cloudtrail"
)

// TestResourceActedOn: the call acts on a resource that is not the first one named: one under a parent
// that the request names, or one of several types that share names.
func TestResourceActedOn(t *testing.T) {
	t.Parallel()
	const at = ":eu-west-1:111122223333:"
	const (
		attachment = "arn:aws:ec2" + at + "transit-gateway-attachment/tgw-attach-0123456789abcdef0"
		session    = "arn:aws:ec2" + at + "traffic-mirror-session/tms-0123456789abcdef0"
		filter     = "arn:aws:ec2" + at + "traffic-mirror-filter/tmf-0123456789abcdef0"
		filterRule = "arn:aws:ec2" + at + "traffic-mirror-filter-rule/tmfr-0123456789abcdef0"
		target     = "arn:aws:ec2" + at + "traffic-mirror-target/tmt-0123456789abcdef0"
		exported   = "arn:aws:rds" + at + "snapshot:nightly"
	)
	for _, tc := range []struct {
		name string
		call call
		want string // the change and the ARN, "" for none
		is   string // the resource's name, if it is not the last part of the ARN
	}{
		{"schedule in a group", call{source: "scheduler", name: "DeleteSchedule", request: `{"name":"s1","groupName":"team"}`}, deleted + "arn:aws:scheduler" + at + "schedule/team/s1", "s1"},
		{"schedule in no group", call{source: "scheduler", name: "DeleteSchedule", request: `{"name":"s1"}`}, deleted + "arn:aws:scheduler" + at + "schedule/default/s1", "s1"},
		{"schedule group", call{source: "scheduler", name: "DeleteScheduleGroup", request: `{"name":"team"}`}, deleted + "arn:aws:scheduler" + at + "schedule-group/team", "team"},
		{"rule on a bus", call{source: "events", name: "DeleteRule", request: `{"name":"n","eventBusName":"orders","force":false}`}, deleted + "arn:aws:events" + at + "rule/orders/n", "n"},
		{"rule on a bus by its ARN", call{source: "events", name: "DeleteRule", request: `{"name":"n","eventBusName":"arn:aws:events` + at + `event-bus/orders"}`}, deleted + "arn:aws:events" + at + "rule/orders/n", "n"},
		{"rule on the default bus", call{source: "events", name: "DeleteRule", request: `{"name":"n","eventBusName":"default"}`}, deleted + "arn:aws:events" + at + "rule/n", "n"},
		{"rule", call{source: "events", name: "DisableRule", request: `{"name":"n"}`}, updated + "arn:aws:events" + at + "rule/n", "n"},
		{"targets of a rule on a bus", call{source: "events", name: "PutTargets", request: `{"rule":"n","eventBusName":"orders","targets":[{"id":"1","arn":"arn:aws:lambda` + at + `function:f"}]}`}, updated + "arn:aws:events" + at + "rule/orders/n", "n"},
		{"event bus", call{source: "events", name: "DeleteEventBus", request: `{"name":"orders"}`}, deleted + "arn:aws:events" + at + "event-bus/orders", "orders"},
		{"task in a cluster given by its ARN", call{source: "ecs", name: "StopTask", request: `{"task":"5f0c","cluster":"arn:aws:ecs` + at + `cluster/web"}`}, updated + "arn:aws:ecs" + at + "task/web/5f0c", "5f0c"},
		{"repository of another account", call{source: "ecr", name: "DeleteRepositoryPolicy", request: `{"repositoryName":"team/web","registryId":"999988887777"}`}, updated + "arn:aws:ecr:eu-west-1:999988887777:repository/team/web", "team/web"},
		{
			"VPC attachment of a transit gateway",
			call{source: "ec2", name: "DeleteTransitGatewayVpcAttachment", request: `{"DeleteTransitGatewayVpcAttachmentRequest":{"TransitGatewayAttachmentId":"tgw-attach-0123456789abcdef0"}}`, response: `{"DeleteTransitGatewayVpcAttachmentResponse":{"transitGatewayVpcAttachment":{"transitGatewayAttachmentId":"tgw-attach-0123456789abcdef0","transitGatewayId":"tgw-0123456789abcdef0","vpcId":"vpc-0123456789abcdef0","state":"deleting","subnetIds":["subnet-0123456789abcdef0"]}}}`},
			deleted + attachment, "tgw-attach-0123456789abcdef0",
		},
		{
			"new VPC attachment",
			call{source: "ec2", name: "CreateTransitGatewayVpcAttachment", request: `{"CreateTransitGatewayVpcAttachmentRequest":{"TransitGatewayId":"tgw-0123456789abcdef0","VpcId":"vpc-0123456789abcdef0","SubnetIds":{"tag":1,"content":"subnet-0123456789abcdef0"}}}`, response: `{"CreateTransitGatewayVpcAttachmentResponse":{"transitGatewayVpcAttachment":{"transitGatewayAttachmentId":"tgw-attach-0123456789abcdef0","transitGatewayId":"tgw-0123456789abcdef0","vpcId":"vpc-0123456789abcdef0","state":"pending"}}}`},
			created + attachment, "tgw-attach-0123456789abcdef0",
		},
		{
			"peering attachment",
			call{source: "ec2", name: "AcceptTransitGatewayPeeringAttachment", request: `{"AcceptTransitGatewayPeeringAttachmentRequest":{"TransitGatewayAttachmentId":"tgw-attach-0123456789abcdef0"}}`, response: `{"AcceptTransitGatewayPeeringAttachmentResponse":{"transitGatewayPeeringAttachment":{"transitGatewayAttachmentId":"tgw-attach-0123456789abcdef0","requesterTgwInfo":{"transitGatewayId":"tgw-0123456789abcdef0"}}}}`},
			updated + attachment, "tgw-attach-0123456789abcdef0",
		},
		{
			"mirror session",
			call{source: "ec2", name: "ModifyTrafficMirrorSession", request: `{"ModifyTrafficMirrorSessionRequest":{"TrafficMirrorSessionId":"tms-0123456789abcdef0","TrafficMirrorTargetId":"tmt-0123456789abcdef0","TrafficMirrorFilterId":"tmf-0123456789abcdef0"}}`, response: `{"ModifyTrafficMirrorSessionResponse":{"trafficMirrorSession":{"trafficMirrorSessionId":"tms-0123456789abcdef0","trafficMirrorTargetId":"tmt-0123456789abcdef0","trafficMirrorFilterId":"tmf-0123456789abcdef0","networkInterfaceId":"eni-0123456789abcdef0"}}}`},
			updated + session, "tms-0123456789abcdef0",
		},
		{
			"new mirror session",
			call{source: "ec2", name: "CreateTrafficMirrorSession", request: `{"CreateTrafficMirrorSessionRequest":{"TrafficMirrorTargetId":"tmt-0123456789abcdef0","TrafficMirrorFilterId":"tmf-0123456789abcdef0","NetworkInterfaceId":"eni-0123456789abcdef0","SessionNumber":1}}`, response: `{"CreateTrafficMirrorSessionResponse":{"trafficMirrorSession":{"trafficMirrorSessionId":"tms-0123456789abcdef0","trafficMirrorTargetId":"tmt-0123456789abcdef0","trafficMirrorFilterId":"tmf-0123456789abcdef0","networkInterfaceId":"eni-0123456789abcdef0"}}}`},
			created + session, "tms-0123456789abcdef0",
		},
		{
			"mirror filter",
			call{source: "ec2", name: "DeleteTrafficMirrorFilter", request: `{"DeleteTrafficMirrorFilterRequest":{"TrafficMirrorFilterId":"tmf-0123456789abcdef0"}}`, response: `{"DeleteTrafficMirrorFilterResponse":{"trafficMirrorFilterId":"tmf-0123456789abcdef0"}}`},
			deleted + filter, "tmf-0123456789abcdef0",
		},
		{
			"mirror filter rule",
			call{source: "ec2", name: "CreateTrafficMirrorFilterRule", request: `{"CreateTrafficMirrorFilterRuleRequest":{"TrafficMirrorFilterId":"tmf-0123456789abcdef0","RuleNumber":1}}`, response: `{"CreateTrafficMirrorFilterRuleResponse":{"trafficMirrorFilterRule":{"trafficMirrorFilterRuleId":"tmfr-0123456789abcdef0","trafficMirrorFilterId":"tmf-0123456789abcdef0"}}}`},
			created + filterRule, "tmfr-0123456789abcdef0",
		},
		{
			"mirror target",
			call{source: "ec2", name: "CreateTrafficMirrorTarget", request: `{"CreateTrafficMirrorTargetRequest":{"NetworkInterfaceId":"eni-0123456789abcdef0"}}`, response: `{"CreateTrafficMirrorTargetResponse":{"trafficMirrorTarget":{"trafficMirrorTargetId":"tmt-0123456789abcdef0","networkInterfaceId":"eni-0123456789abcdef0"}}}`},
			created + target, "tmt-0123456789abcdef0",
		},
		{"guardrail", call{source: "bedrock", name: "DeleteGuardrail", request: `{"guardrailIdentifier":"a1b2c3d4e5f6"}`}, deleted + "arn:aws:bedrock" + at + "guardrail/a1b2c3d4e5f6", "a1b2c3d4e5f6"},
		{"new guardrail", call{source: "bedrock", name: "CreateGuardrail", request: `{"name":"strict"}`, response: `{"guardrailId":"a1b2c3d4e5f6","guardrailArn":"arn:aws:bedrock` + at + `guardrail/a1b2c3d4e5f6","version":"DRAFT"}`}, created + "arn:aws:bedrock" + at + "guardrail/a1b2c3d4e5f6", "a1b2c3d4e5f6"},
		{"HSM cluster", call{source: "cloudhsm", name: "CreateCluster", request: `{"hsmType":"hsm1.medium","subnetIds":["subnet-0123456789abcdef0"]}`, response: `{"cluster":{"clusterId":"cluster-kdmrayrc7gi","hsms":[],"state":"CREATE_IN_PROGRESS","vpcId":"vpc-0123456789abcdef0"}}`}, created + "arn:aws:cloudhsm" + at + "cluster/cluster-kdmrayrc7gi", "cluster-kdmrayrc7gi"},
		{"HSM in a cluster", call{source: "cloudhsm", name: "CreateHsm", request: `{"clusterId":"cluster-kdmrayrc7gi","availabilityZone":"eu-west-1a"}`, response: `{"hsm":{"availabilityZone":"eu-west-1a","clusterId":"cluster-kdmrayrc7gi","hsmId":"hsm-lgavqitns2a","state":"CREATE_IN_PROGRESS","subnetId":"subnet-0123456789abcdef0"}}`}, updated + "arn:aws:cloudhsm" + at + "cluster/cluster-kdmrayrc7gi", "cluster-kdmrayrc7gi"},
		{
			"export of a snapshot",
			call{source: "rds", name: "StartExportTask", request: `{"exportTaskIdentifier":"to-s3","sourceArn":"` + exported + `","s3BucketName":"b-example","iamRoleArn":"` + roleARN + `","kmsKeyId":"1234abcd-12ab-34cd-56ef-1234567890ab"}`, response: `{"exportTaskIdentifier":"to-s3","sourceArn":"` + exported + `","s3Bucket":"b-example","status":"STARTING"}`},
			updated + exported, "nightly",
		},
		{"partner event bus", call{source: "events", name: "DeleteEventBus", request: `{"name":"aws.partner/example.com/acme/orders"}`}, deleted + "arn:aws:events" + at + "event-bus/aws.partner/example.com/acme/orders", "aws.partner/example.com/acme/orders"},
		{"clusters that end", call{source: "elasticmapreduce", name: "TerminateJobFlows", request: `{"jobFlowIds":["j-2AXXXXXXGAPLF"]}`}, deleted + "arn:aws:elasticmapreduce" + at + "cluster/j-2AXXXXXXGAPLF", "j-2AXXXXXXGAPLF"},
		{"version of a function", call{source: "lambda", name: "DeleteFunction20150331", request: `{"functionName":"f","qualifier":"3"}`}, deleted + "arn:aws:lambda" + at + "function:f:3", "f"},
		{"id in mixed case", call{source: "ec2", name: "TerminateInstances", request: `{"instancesSet":{"items":[{"instanceId":"i-0123456789aBCdeF0"}]}}`}, deleted + "arn:aws:ec2" + at + "instance/i-0123456789aBCdeF0", "i-0123456789aBCdeF0"},
		{"image in mixed case", call{source: "ec2", name: "ModifyImageAttribute", request: `{"imageId":"ami-aCBbfd13bdb1d1E4b"}`}, updated + "arn:aws:ec2:eu-west-1::image/ami-aCBbfd13bdb1d1E4b", "ami-aCBbfd13bdb1d1E4b"},
		{"alarm with a slash", call{source: "monitoring", name: "DeleteAlarms", request: `{"alarmNames":["cpu/high"]}`}, deleted + "arn:aws:cloudwatch" + at + "alarm:cpu/high", "cpu/high"},
		{"job definition", call{source: "batch", name: "RegisterJobDefinition", request: `{"jobDefinitionName":"nightly"}`, response: `{"jobDefinitionArn":"arn:aws:batch` + at + `job-definition/nightly:7","jobDefinitionName":"nightly","revision":7}`}, created + "arn:aws:batch" + at + "job-definition/nightly:7", "nightly"},
		{"job definition by its name", call{source: "batch", name: "DeregisterJobDefinition", request: `{"jobDefinition":"nightly:7"}`}, deleted + "arn:aws:batch" + at + "job-definition/nightly:7", "nightly"},
		{"regional pool of addresses", call{source: "ec2", name: "DeleteIpam", request: `{"DeleteIpamRequest":{"IpamId":"ipam-0123456789abcdef0"}}`}, deleted + "arn:aws:ec2::111122223333:ipam/ipam-0123456789abcdef0", "ipam-0123456789abcdef0"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			out := normalise(t, cloudtrail.NewNormaliser(cloudtrail.Config{}), tc.call.json())
			var got []string
			for _, e := range out.Events[1:] {
				got = append(got, e.EventType+" "+e.ARN)
			}
			if d := cmp.Diff([]string{tc.want}, got); d != "" {
				t.Errorf("changes (-want +got):\n%s", d)
			}
			if a := out.Events[0]; !strings.HasSuffix(tc.want, " "+a.ARN) || a.ResourceName != tc.is {
				t.Errorf("activity of %s, called %q, want %q", a.ARN, a.ResourceName, tc.is)
			}
		})
	}
}
