package awscatalog

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed services.txt
var servicesText string

// serviceTable gives a service's name in ARNs by its names elsewhere.
type serviceTable struct {
	byEventSource, byBill, byNamespace map[string]string
}

var services = sync.OnceValue(func() serviceTable {
	t := serviceTable{byEventSource: map[string]string{}, byBill: map[string]string{}, byNamespace: map[string]string{}}
	for columns := range rows(servicesText, 4) {
		for i, byName := range [...]map[string]string{t.byEventSource, t.byBill, t.byNamespace} {
			for _, name := range columns[i+1] {
				byName[name] = columns[0][0]
			}
		}
	}
	return t
})

// ServiceOfEventSource is the service that an eventSource without ".amazonaws.com" names:
// "cloudwatch" for "monitoring". One that has no other name is itself.
func ServiceOfEventSource(source string) string {
	if name, ok := services().byEventSource[source]; ok {
		return name
	}
	return source
}

// ServiceOfBill is the service that a bill or Cost Explorer names, by its product code or
// by its name: "ec2" for "AmazonEC2" and for "EC2 - Other". One that is not known is the
// name in lower case, without Amazon or AWS before it and with hyphens for spaces.
func ServiceOfBill(name string) (service string, known bool) {
	name = strings.TrimSpace(name)
	if service, ok := services().byBill[name]; ok {
		return service, true
	}
	for _, company := range [...]string{"Amazon", "AWS"} {
		name = strings.TrimPrefix(name, company)
	}
	return strings.ReplaceAll(strings.ToLower(strings.TrimSpace(name)), " ", "-"), false
}

// ServiceOfNamespace is the service whose metrics CloudWatch keeps in a namespace: "ec2"
// for "AWS/EBS", "" for a namespace that is none of AWS's.
func ServiceOfNamespace(namespace string) string {
	if known, ok := services().byNamespace[namespace]; ok {
		return known
	}
	if name, found := strings.CutPrefix(namespace, "AWS/"); found {
		return strings.ToLower(name)
	}
	return ""
}
