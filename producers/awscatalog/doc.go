// Package awscatalog is what Polo knows of AWS: the types of resources with their ARNs,
// the names that a service has in each of its interfaces, the regions.
//
// A collector says which of its fields holds which parameter; Type.Build makes the ARN of
// them. An ARN that comes whole goes through Describe, which brings it into the one form
// that is the resource's key. So a resource has one key, whoever tells of it.
//
// The tables are types.txt, services.txt and locations.txt beside this file.
package awscatalog
