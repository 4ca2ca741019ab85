package cur

import "polo/producers/awscatalog"

// regionOf returns the region that a bill names, else the region of the availability zone, else
// that of the location, as in older bills; "" if there is none.
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
