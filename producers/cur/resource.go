package cur

import (
	"strings"

	"polo/envelope"
)

// resource fills in the resource that a cost is of. A resource id that is an ARN is the
// key. Else the ARN is built where the id alone tells what it is of: EC2's typed ids, and
// S3's buckets. Else the id stands for itself, without an ARN.
func resource(e *envelope.ResourceEvent, id, product string) {
	if id == "" {
		return
	}
	e.ResourceID = id
	if arn, err := envelope.ParseARN(id); err == nil {
		setARN(e, arn)
		if e.Region == "" {
			e.Region = arn.Region
		}
		return
	}
	if e.Platform != envelope.PlatformAWS {
		return
	}
	if arn, ok := builtARN(e, id, product); ok {
		setARN(e, arn)
	}
}

func setARN(e *envelope.ResourceEvent, arn envelope.ARN) {
	e.ARN = arn.String()
	e.ResourceType = arn.ResourceType()
	if _, id := arn.SplitResource(); id != "" {
		e.ResourceID = id
	}
	if e.Service == "" {
		e.Service = arn.Service
	}
}

func builtARN(e *envelope.ResourceEvent, id, product string) (envelope.ARN, bool) {
	partition := partitionOf(e.Region)
	if (product == "AmazonS3" || product == "" && e.Service == "s3") && isBucket(id) {
		return envelope.AWSARN(partition, "s3", "", "", id), true
	}
	typ := ec2Type(id)
	if typ == "" || e.Region == "" || e.AccountID == "" || e.Region == "global" {
		return envelope.ARN{}, false
	}
	return envelope.AWSARN(partition, "ec2", e.Region, e.AccountID, typ+"/"+id), true
}

func partitionOf(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// isBucket holds the naming rules of buckets, those of before 2018 included.
func isBucket(s string) bool {
	if len(s) < 3 || len(s) > 255 {
		return false
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '.', c == '_':
		default:
			return false
		}
	}
	return true
}

// ec2Type is the resource type of an id of EC2, by its prefix.
func ec2Type(id string) string {
	prefix, number, found := cutLast(id, '-')
	if !found || len(number) < 8 || len(number) > 17 {
		return ""
	}
	for i := 0; i < len(number); i++ {
		if c := number[i]; (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return ""
		}
	}
	switch prefix {
	case "i":
		return "instance"
	case "vol":
		return "volume"
	case "snap":
		return "snapshot"
	case "nat":
		return "natgateway"
	case "eipalloc":
		return "elastic-ip"
	case "eni":
		return "network-interface"
	case "vpce":
		return "vpc-endpoint"
	case "tgw":
		return "transit-gateway"
	case "tgw-attach":
		return "transit-gateway-attachment"
	case "vpn":
		return "vpn-connection"
	case "ami":
		return "image"
	case "vpc":
		return "vpc"
	}
	return ""
}

func cutLast(s string, sep byte) (before, after string, found bool) {
	i := strings.LastIndexByte(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}
