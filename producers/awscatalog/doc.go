// Package awscatalog holds what Polo knows about AWS: the types of resources with their ARNs, the
// names of services in each of AWS's interfaces, and the regions.
//
// A collector maps its fields to parameters, and Type.Build makes the ARN of them. A complete ARN
// goes through Describe, which converts it into the form that is the resource's key. So a
// resource has the same key from every source.
//
// The tables are types.txt, services.txt and locations.txt in this folder.
package awscatalog
