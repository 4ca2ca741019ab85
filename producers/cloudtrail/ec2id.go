package cloudtrail

import "strings"

// ec2Type is the ARN type of an EC2 id ("i-0abc" is an "instance") and whether the
// ARN holds the account; ok is false for what is no EC2 id. typ is empty for ids
// of things that have no ARN, such as associations.
func ec2Type(id string, named bool) (typ string, account, ok bool) {
	dash := strings.LastIndexByte(id, '-')
	if dash <= 0 || dash > 24 || !plausibleSuffix(id[dash+1:], named) {
		return "", false, false
	}
	switch id[:dash] {
	case "i":
		return "instance", true, true
	case "vol":
		return "volume", true, true
	case "vpc":
		return "vpc", true, true
	case "subnet":
		return "subnet", true, true
	case "sg":
		return "security-group", true, true
	case "sgr":
		return "security-group-rule", true, true
	case "eni":
		return "network-interface", true, true
	case "snap":
		return "snapshot", false, true
	case "ami", "aki", "ari":
		return "image", false, true
	case "nat":
		return "natgateway", true, true
	case "igw":
		return "internet-gateway", true, true
	case "eigw":
		return "egress-only-internet-gateway", true, true
	case "rtb":
		return "route-table", true, true
	case "acl":
		return "network-acl", true, true
	case "eipalloc":
		return "elastic-ip", true, true
	case "lt":
		return "launch-template", true, true
	case "pcx":
		return "vpc-peering-connection", true, true
	case "vpce":
		return "vpc-endpoint", true, true
	case "vpce-svc":
		return "vpc-endpoint-service", true, true
	case "vgw":
		return "vpn-gateway", true, true
	case "cgw":
		return "customer-gateway", true, true
	case "vpn":
		return "vpn-connection", true, true
	case "tgw":
		return "transit-gateway", true, true
	case "tgw-attach":
		return "transit-gateway-attachment", true, true
	case "tgw-rtb":
		return "transit-gateway-route-table", true, true
	case "dopt":
		return "dhcp-options", true, true
	case "fl":
		return "vpc-flow-log", true, true
	case "key":
		return "key-pair", true, true
	case "pl":
		return "prefix-list", true, true
	case "cr":
		return "capacity-reservation", true, true
	case "h":
		return "dedicated-host", true, true
	case "sfr":
		return "spot-fleet-request", true, true
	case "sir":
		return "spot-instances-request", true, true
	case "ipam":
		return "ipam", true, true
	case "ipam-pool":
		return "ipam-pool", true, true
	case "eice":
		return "instance-connect-endpoint", true, true
	case "pg":
		return "placement-group", true, true
	case "cagw":
		return "carrier-gateway", true, true
	case "rtbassoc", "eipassoc", "aclassoc", "eni-attach", "vpc-cidr-assoc", "subnet-cidr-assoc", "iip-assoc", "tgw-rtb-assoc":
		return "", false, true
	}
	return "", false, false
}

// plausibleSuffix accepts the 8 or 17 hex digits of real ids; where the name says
// that an id stands there, any letters and digits.
func plausibleSuffix(s string, named bool) bool {
	if len(s) < 8 {
		return false
	}
	for i := 0; i < len(s); i++ {
		switch ch := s[i]; {
		case ch >= '0' && ch <= '9', ch >= 'a' && ch <= 'f':
		case named && ch > 'f' && ch <= 'z':
		default:
			return false
		}
	}
	return named || len(s) == 8 || len(s) == 17
}
