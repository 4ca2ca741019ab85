package sample

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// kind is a type of resource, and the call that lists it.
type kind struct {
	typ, service, call, list string
	// describe returns a resource as the answer has it.
	describe func(o *organisation, r *resource, at time.Time) object
}

type object = map[string]any

// Kinds in the order in which they are listed.
var (
	kindVPC       = &kind{"ec2:vpc", "ec2", "DescribeVpcs", "Vpcs", describeVPC}
	kindSubnet    = &kind{"ec2:subnet", "ec2", "DescribeSubnets", "Subnets", describeSubnet}
	kindGroup     = &kind{"ec2:security-group", "ec2", "DescribeSecurityGroups", "SecurityGroups", describeGroup}
	kindInstance  = &kind{"ec2:instance", "ec2", "DescribeInstances", "Reservations", describeInstance}
	kindInterface = &kind{"ec2:network-interface", "ec2", "DescribeNetworkInterfaces", "NetworkInterfaces", describeInterface}
	kindRoutes    = &kind{"ec2:route-table", "ec2", "DescribeRouteTables", "RouteTables", describeRoutes}
	kindFlowLog   = &kind{"ec2:vpc-flow-log", "ec2", "DescribeFlowLogs", "FlowLogs", describeFlowLog}
	kindVolume    = &kind{"ec2:volume", "ec2", "DescribeVolumes", "Volumes", describeVolume}
	kindAddress   = &kind{"ec2:elastic-ip", "ec2", "DescribeAddresses", "Addresses", describeAddress}
	kindNAT       = &kind{"ec2:natgateway", "ec2", "DescribeNatGateways", "NatGateways", describeNAT}
	kindBalancer  = &kind{"elasticloadbalancing:loadbalancer", "elbv2", "DescribeLoadBalancers", "LoadBalancers", describeBalancer}
	kindDatabase  = &kind{"rds:db", "rds", "DescribeDBInstances", "DBInstances", describeDatabase}
	kindFunction  = &kind{"lambda:function", "lambda", "ListFunctions", "Functions", describeFunction}
	kindBucket    = &kind{"s3:bucket", "s3", "ListBuckets", "Buckets", describeBucket}
)

// regional are the kinds that are listed in each region; buckets are listed once in an account.
func regional() []*kind {
	return []*kind{kindVPC, kindSubnet, kindGroup, kindRoutes, kindFlowLog, kindInstance, kindInterface, kindVolume, kindAddress, kindNAT, kindBalancer, kindDatabase, kindFunction}
}

func cutType(typ string) (service, kind string, found bool) { return strings.Cut(typ, ":") }

// tagList returns tags as most answers have them.
func tagList(tags map[string]string) []object {
	out := []object{}
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, object{"Key": k, "Value": tags[k]})
	}
	return out
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func describeVPC(_ *organisation, r *resource, _ time.Time) object {
	return object{"VpcId": r.id, "OwnerId": r.account.id, "CidrBlock": "10.20.0.0/16", "State": "available", "IsDefault": false, "InstanceTenancy": "default", "Tags": tagList(r.tags)}
}

func describeSubnet(_ *organisation, r *resource, _ time.Time) object {
	return object{
		"SubnetId": r.id, "VpcId": r.net.vpc.id, "OwnerId": r.account.id, "CidrBlock": "10.20.1.0/24", "AvailabilityZone": r.region + "a", "State": "available",
		"MapPublicIpOnLaunch": false, "AvailableIpAddressCount": 211, "Tags": tagList(r.tags),
	}
}

func describeGroup(_ *organisation, r *resource, at time.Time) object {
	allowed := []object{{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": []object{{"CidrIp": "10.0.0.0/8"}}, "Ipv6Ranges": []object{}, "UserIdGroupPairs": []object{}, "PrefixListIds": []object{}}}
	if r.calm(at) {
		allowed = append(allowed, object{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": []object{{"CidrIp": "0.0.0.0/0"}}, "Ipv6Ranges": []object{}, "UserIdGroupPairs": []object{}, "PrefixListIds": []object{}})
	}
	return object{
		"GroupId": r.id, "GroupName": r.name, "Description": "what the applications are in", "OwnerId": r.account.id, "VpcId": r.net.vpc.id, "IpPermissions": allowed,
		"IpPermissionsEgress": []object{{"IpProtocol": "-1", "IpRanges": []object{{"CidrIp": "0.0.0.0/0"}}, "Ipv6Ranges": []object{}, "UserIdGroupPairs": []object{}, "PrefixListIds": []object{}}},
		"Tags":                tagList(r.tags),
	}
}

func describeInstance(o *organisation, r *resource, at time.Time) object {
	state, code := "running", 16
	if r.calm(at) {
		state, code = "stopped", 80
	}
	disks := []object{}
	for _, v := range o.resources {
		if v.kind == kindVolume && v.in == r && v.alive(at) && !v.calm(at) {
			disks = append(disks, object{"DeviceName": "/dev/sda1", "Ebs": object{"VolumeId": v.id, "Status": "attached", "DeleteOnTermination": true, "AttachTime": stamp(o.born(v))}})
		}
	}
	i := object{
		"InstanceId": r.id, "ImageId": "ami-0d5eff06f840b45e9", "InstanceType": r.class, "LaunchTime": stamp(o.born(r)), "State": object{"Name": state, "Code": code},
		"Placement": object{"AvailabilityZone": r.region + "a", "Tenancy": "default"}, "SubnetId": r.net.subnet.id, "VpcId": r.net.vpc.id, "Architecture": "arm64",
		"SecurityGroups": []object{{"GroupId": r.net.group.id, "GroupName": r.net.group.name}}, "BlockDeviceMappings": disks,
		"IamInstanceProfile": object{"Arn": "arn:aws:iam::" + r.account.id + ":instance-profile/app", "Id": "AIPASAMPLE"},
		"MetadataOptions":    object{"State": "applied", "HttpTokens": "required", "HttpEndpoint": "enabled", "HttpPutResponseHopLimit": 1},
		"Tags":               tagList(r.tags),
	}
	if state == "stopped" {
		i["StateTransitionReason"] = "User initiated (" + r.idle.Format(time.DateTime) + " GMT)"
	}
	return object{"ReservationId": "r-" + r.id[2:], "OwnerId": r.account.id, "Instances": []object{i}}
}

func describeInterface(_ *organisation, r *resource, _ time.Time) object {
	i := object{
		"NetworkInterfaceId": r.id, "OwnerId": r.account.id, "SubnetId": r.net.subnet.id, "VpcId": r.net.vpc.id, "AvailabilityZone": r.region + "a", "Status": "in-use",
		"InterfaceType": "interface", "PrivateIpAddress": "10.20.1.7", "Groups": []object{{"GroupId": r.net.group.id, "GroupName": r.net.group.name}}, "TagSet": []object{},
	}
	if r.in.kind == kindNAT {
		i["InterfaceType"], i["RequesterManaged"], i["Groups"] = "nat_gateway", true, []object{}
	} else {
		i["Attachment"] = object{"InstanceId": r.in.id, "InstanceOwnerId": r.account.id, "Status": "attached"}
	}
	return i
}

func describeRoutes(o *organisation, r *resource, at time.Time) object {
	routes := []object{{"DestinationCidrBlock": "10.20.0.0/16", "GatewayId": "local", "State": "active", "Origin": "CreateRouteTable"}}
	for _, nat := range o.resources {
		if nat.kind == kindNAT && nat.net == r.net && nat.alive(at) {
			routes = append(routes, object{"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": nat.id, "State": "active", "Origin": "CreateRoute"})
		}
	}
	return object{
		"RouteTableId": r.id, "OwnerId": r.account.id, "VpcId": r.net.vpc.id, "Routes": routes, "Tags": tagList(r.tags),
		"Associations": []object{{"Main": false, "RouteTableId": r.id, "SubnetId": r.net.subnet.id}},
	}
}

func describeFlowLog(o *organisation, r *resource, _ time.Time) object {
	return object{
		"FlowLogId": r.id, "ResourceId": r.net.vpc.id, "FlowLogStatus": "ACTIVE", "TrafficType": "REJECT", "LogDestinationType": "cloud-watch-logs", "LogGroupName": "flow-logs",
		"CreationTime": stamp(o.born(r)), "DeliverLogsStatus": "SUCCESS", "MaxAggregationInterval": 600, "Tags": tagList(r.tags),
	}
}

func describeVolume(o *organisation, r *resource, at time.Time) object {
	state, on := "available", []object{}
	if r.in != nil && r.in.alive(at) && !r.calm(at) {
		state, on = "in-use", []object{{"VolumeId": r.id, "InstanceId": r.in.id, "Device": "/dev/sda1", "State": "attached", "AttachTime": stamp(o.born(r)), "DeleteOnTermination": true}}
	}
	return object{
		"VolumeId": r.id, "VolumeType": "gp3", "Size": r.size, "Iops": 3000, "Throughput": 125, "Encrypted": r.encrypted, "State": state, "Attachments": on,
		"CreateTime": stamp(o.born(r)), "AvailabilityZone": r.region + "a", "MultiAttachEnabled": false, "Tags": tagList(r.tags),
	}
}

func describeAddress(_ *organisation, r *resource, at time.Time) object {
	a := object{"AllocationId": r.id, "PublicIp": publicIP(r), "Domain": "vpc", "NetworkBorderGroup": r.region, "Tags": tagList(r.tags)}
	if r.in != nil && r.in.alive(at) {
		a["AssociationId"], a["NetworkInterfaceId"], a["PrivateIpAddress"] = "eipassoc-"+r.id[9:], "eni-"+r.id[9:], "10.20.1.7"
	}
	return a
}

func describeNAT(o *organisation, r *resource, _ time.Time) object {
	addresses := []object{}
	for _, a := range o.resources {
		if a.kind == kindAddress && a.in == r {
			addresses = append(addresses, object{"AllocationId": a.id, "PublicIp": publicIP(a), "NetworkInterfaceId": "eni-" + a.id[9:], "PrivateIp": "10.20.1.7"})
		}
	}
	return object{
		"NatGatewayId": r.id, "SubnetId": r.net.subnet.id, "VpcId": r.net.vpc.id, "State": "available", "ConnectivityType": "public", "CreateTime": stamp(o.born(r)),
		"NatGatewayAddresses": addresses, "Tags": tagList(r.tags),
	}
}

func describeBalancer(o *organisation, r *resource, _ time.Time) object {
	return object{
		"LoadBalancerArn": r.arn(), "LoadBalancerName": r.name, "Type": "application", "Scheme": "internet-facing", "VpcId": r.net.vpc.id, "State": object{"Code": "active"},
		"DNSName": r.name + ".elb.amazonaws.com", "CreatedTime": stamp(o.born(r)), "IpAddressType": "ipv4", "SecurityGroups": []string{r.net.group.id},
		"AvailabilityZones": []object{{"ZoneName": r.region + "a", "SubnetId": r.net.subnet.id}},
	}
}

func describeDatabase(o *organisation, r *resource, _ time.Time) object {
	return object{
		"DBInstanceIdentifier": r.id, "DBInstanceArn": r.arn(), "DBInstanceClass": r.class, "Engine": "postgres", "EngineVersion": "16.4", "DBInstanceStatus": "available",
		"AllocatedStorage": r.size, "StorageType": "gp3", "StorageEncrypted": r.encrypted, "PubliclyAccessible": false, "MultiAZ": false, "BackupRetentionPeriod": 14,
		"DeletionProtection": r.encrypted, "AvailabilityZone": r.region + "a", "InstanceCreateTime": stamp(o.born(r)),
		"VpcSecurityGroups": []object{{"VpcSecurityGroupId": r.net.group.id, "Status": "active"}}, "TagList": tagList(r.tags),
		"DBSubnetGroup": object{"DBSubnetGroupName": "app", "VpcId": r.net.vpc.id, "Subnets": []object{{"SubnetIdentifier": r.net.subnet.id}}},
	}
}

func describeFunction(o *organisation, r *resource, _ time.Time) object {
	return object{
		"FunctionName": r.id, "FunctionArn": r.arn(), "Runtime": "provided.al2023", "Handler": "bootstrap", "MemorySize": 512, "Timeout": 30, "PackageType": "Zip",
		"Role": "arn:aws:iam::" + r.account.id + ":role/service-" + r.id, "LastModified": o.born(r).Format("2006-01-02T15:04:05.000+0000"), "Architectures": []string{"arm64"}, "Version": "$LATEST",
	}
}

func describeBucket(o *organisation, r *resource, _ time.Time) object {
	return object{"Name": r.id, "CreationDate": stamp(o.born(r)), "BucketRegion": r.region}
}

// publicIP makes an address of the resource's id, in a range for documentation.
func publicIP(r *resource) string {
	last := 0
	for _, c := range r.id {
		last = (last*31 + int(c)) % 254
	}
	return fmt.Sprintf("203.0.113.%d", last+1)
}
