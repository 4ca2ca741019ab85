package cur

// regionOf is the region that a bill names, else that of the availability zone, whose
// name is the region's with a letter behind, else that of the location, as older bills
// have it. "" is a bill that tells none.
func regionOf(region, zone, location string) string {
	if region != "" {
		return region
	}
	if n := len(zone); n > 1 && zone[n-1] >= 'a' && zone[n-1] <= 'z' && zone[n-2] >= '0' && zone[n-2] <= '9' {
		return zone[:n-1]
	}
	if zone != "" {
		return zone
	}
	return regionOfLocation(location)
}

// regionOfLocation knows the locations of AWS's price list.
func regionOfLocation(location string) string {
	switch location {
	case "US East (N. Virginia)":
		return "us-east-1"
	case "US East (Ohio)":
		return "us-east-2"
	case "US West (N. California)":
		return "us-west-1"
	case "US West (Oregon)":
		return "us-west-2"
	case "Canada (Central)":
		return "ca-central-1"
	case "Canada West (Calgary)":
		return "ca-west-1"
	case "South America (Sao Paulo)":
		return "sa-east-1"
	case "EU (Ireland)", "Europe (Ireland)":
		return "eu-west-1"
	case "EU (London)", "Europe (London)":
		return "eu-west-2"
	case "EU (Paris)", "Europe (Paris)":
		return "eu-west-3"
	case "EU (Frankfurt)", "Europe (Frankfurt)":
		return "eu-central-1"
	case "Europe (Zurich)":
		return "eu-central-2"
	case "EU (Stockholm)", "Europe (Stockholm)":
		return "eu-north-1"
	case "EU (Milan)", "Europe (Milan)":
		return "eu-south-1"
	case "Europe (Spain)":
		return "eu-south-2"
	case "Asia Pacific (Tokyo)":
		return "ap-northeast-1"
	case "Asia Pacific (Seoul)":
		return "ap-northeast-2"
	case "Asia Pacific (Osaka)", "Asia Pacific (Osaka-Local)":
		return "ap-northeast-3"
	case "Asia Pacific (Singapore)":
		return "ap-southeast-1"
	case "Asia Pacific (Sydney)":
		return "ap-southeast-2"
	case "Asia Pacific (Jakarta)":
		return "ap-southeast-3"
	case "Asia Pacific (Melbourne)":
		return "ap-southeast-4"
	case "Asia Pacific (Mumbai)":
		return "ap-south-1"
	case "Asia Pacific (Hyderabad)":
		return "ap-south-2"
	case "Asia Pacific (Hong Kong)":
		return "ap-east-1"
	case "Middle East (Bahrain)":
		return "me-south-1"
	case "Middle East (UAE)":
		return "me-central-1"
	case "Israel (Tel Aviv)":
		return "il-central-1"
	case "Africa (Cape Town)":
		return "af-south-1"
	case "AWS GovCloud (US)", "AWS GovCloud (US-West)":
		return "us-gov-west-1"
	case "AWS GovCloud (US-East)":
		return "us-gov-east-1"
	}
	return ""
}
