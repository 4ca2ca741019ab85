package awscatalog

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed locations.txt
var locationsText string

var locations = sync.OnceValue(func() map[string]string {
	byName := map[string]string{}
	for _, columns := range rows(locationsText, 2) {
		for _, name := range columns[1] {
			byName[name] = columns[0][0]
		}
	}
	return byName
})

// HomeRegion returns the region in which a partition's global services are called; that of "aws"
// for an unknown partition.
func HomeRegion(partition string) string {
	switch partition {
	case "aws-cn":
		return "cn-northwest-1"
	case "aws-us-gov":
		return "us-gov-west-1"
	case "aws-iso":
		return "us-iso-east-1"
	case "aws-iso-b":
		return "us-isob-east-1"
	case "aws-iso-e":
		return "eu-isoe-west-1"
	case "aws-iso-f":
		return "us-isof-south-1"
	case "aws-eusc":
		return "eusc-de-east-1"
	}
	return "us-east-1"
}

// RegionOfLocation returns the region of a location in the price list, "EU (Ireland)"; "" if it
// is unknown.
func RegionOfLocation(location string) string { return locations()[location] }

// RegionOfZone returns the region of an availability zone, a local zone or a wavelength zone:
// "us-west-2" for "us-west-2a" and for "us-west-2-lax-1a"; "" if zone is not one.
func RegionOfZone(zone string) string {
	end := regionEnd(zone)
	if end == 0 || end == len(zone) {
		return ""
	}
	if rest := zone[end:]; rest[0] == '-' || len(rest) == 1 && rest[0] >= 'a' && rest[0] <= 'z' {
		return zone[:end]
	}
	return ""
}

// IsRegion reports whether s is a region's name, not another value of such fields: "global",
// "NoRegion", a zone.
func IsRegion(s string) bool { return s != "" && regionEnd(s) == len(s) }

// regionEnd returns where a region's name at the start of a text ends: two or more words of
// letters, and a number. 0 if there is none.
func regionEnd(s string) int {
	words, start := 0, 0
	for i := 0; i < len(s); i++ {
		switch ch := s[i]; {
		case ch >= 'a' && ch <= 'z':
		case ch == '-' && i > start:
			words, start = words+1, i+1
		case ch >= '0' && ch <= '9' && i == start && words >= 2:
			for i < len(s) && s[i] >= '0' && s[i] <= '9' {
				i++
			}
			return i
		default:
			return 0
		}
	}
	return 0
}

// rows parses a table with columns separated by "|", each a list separated by ";", without empty
// names. A line with another number of columns is skipped; a test checks that none is.
func rows(text string, columns int) [][][]string {
	var all [][][]string
	for _, line := range Lines(text) {
		cells := strings.Split(line, "|")
		if len(cells) != columns {
			continue
		}
		row := make([][]string, columns)
		for i, cell := range cells {
			for name := range strings.SplitSeq(cell, ";") {
				if name = strings.TrimSpace(name); name != "" {
					row[i] = append(row[i], name)
				}
			}
		}
		all = append(all, row)
	}
	return all
}
