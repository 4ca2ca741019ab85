package cur

import "polo/producers/awscatalog"

// regionOf is the region that a bill names, else that of the availability zone, else that of
// the location, as older bills have it. "" is a bill that tells none.
func regionOf(region, zone, location string) string {
	switch {
	case region != "":
		return region
	case zone == "":
		return awscatalog.RegionOfLocation(location)
	}
	if region := awscatalog.RegionOfZone(zone); region != "" {
		return region
	}
	return zone
}
