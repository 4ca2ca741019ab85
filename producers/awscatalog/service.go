package awscatalog

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed services.txt
var servicesText string

// serviceTable maps a service's other names to its name in ARNs.
type serviceTable struct {
	byEventSource, byBill, byNamespace map[string]string
}

var services = sync.OnceValue(func() serviceTable {
	t := serviceTable{byEventSource: map[string]string{}, byBill: map[string]string{}, byNamespace: map[string]string{}}
	for _, columns := range rows(servicesText, 4) {
		for i, byName := range [...]map[string]string{t.byEventSource, t.byBill, t.byNamespace} {
			for _, name := range columns[i+1] {
				byName[name] = columns[0][0]
			}
		}
	}
	return t
})

// ServiceOfEventSource returns the service of an eventSource without ".amazonaws.com":
// "cloudwatch" for "monitoring". A source without an entry is returned unchanged.
func ServiceOfEventSource(source string) string {
	if name, ok := services().byEventSource[source]; ok {
		return name
	}
	return source
}

// ServiceOfBill returns the service that a bill or Cost Explorer names, by its product code or by
// its name: "ec2" for "AmazonEC2" and for "EC2 - Other". For an unknown one it is the name in
// lower case, with hyphens for spaces and without a leading Amazon or AWS.
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

// ServiceOfNamespace returns the service of a CloudWatch namespace: "ec2" for "AWS/EBS", "" for a
// namespace that is not AWS's.
func ServiceOfNamespace(namespace string) string {
	if known, ok := services().byNamespace[namespace]; ok {
		return known
	}
	if name, found := strings.CutPrefix(namespace, "AWS/"); found {
		return strings.ToLower(name)
	}
	return ""
}
