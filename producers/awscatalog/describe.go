package awscatalog

import (
	"strings"

	"polo/envelope"
)

// Resource is what an ARN says of a resource. Every collector takes the columns of its
// events from here, so that they agree.
type Resource struct {
	// ARN is the resource's key, see Key; Parsed is the same taken apart.
	ARN    string
	Parsed envelope.ARN
	// Type is the resource_type column: "ec2:instance", "s3:bucket".
	Type string
	// ID is the ARN's resource without its type: "i-0abc", "my-bucket/key".
	ID string
	// Name is what people call it: a role without its path, a load balancer without its
	// random suffix.
	Name string
}

// Key brings an ARN of AWS into the one form that is the resource's key. AWS itself writes
// some in several ways (a snapshot with the account and without, a log group with ":*"
// behind it); the key is the one of the Service Authorization Reference. ok is false for
// what is no ARN of AWS.
func Key(text string) (a envelope.ARN, key string, ok bool) {
	a, err := envelope.ParseARN(text)
	if err != nil || a.Platform != envelope.PlatformAWS {
		return a, "", false
	}
	whole := a
	if a.Service == "logs" {
		a.Resource = strings.TrimSuffix(a.Resource, ":*")
	}
	if m, known := find(a); known {
		if m.typ.template.region == "" {
			a.Region = ""
		}
		if m.typ.template.account == "" {
			a.AccountID = ""
		}
	}
	if a != whole {
		text = a.String()
	}
	return a, text, true
}

// Describe reads an ARN of AWS. ok is false for what is none.
func Describe(text string) (Resource, bool) {
	a, key, ok := Key(text)
	if !ok {
		return Resource{}, false
	}
	return DescribeKey(a, key), true
}

// DescribeKey is Describe of what Key gave.
func DescribeKey(a envelope.ARN, key string) Resource {
	typ, id := a.SplitResource()
	r := Resource{ARN: key, Parsed: a, Type: a.Service, ID: id, Name: id[strings.LastIndexAny(id, "/:")+1:]}
	if typ != "" {
		r.Type = a.Service + ":" + typ
	}
	if m, known := find(a); known {
		r.Name = m.name(id)
	}
	return r
}

// Ancestors are the keys of what holds a resource as far as its ARN tells, nearest first:
// the bucket of an object, the cluster of a service. The region and account are Above's.
func Ancestors(a envelope.ARN) []string {
	m, known := find(a)
	if !known || len(m.typ.parents) == 0 {
		return nil
	}
	var up []string
	for _, parent := range m.typ.parents {
		if arn, ok := m.parent(parent, a); ok && (parent != m.typ || arn != a.String()) {
			up = append(up, arn)
		}
	}
	return up
}

// match is an ARN read by the template of its type.
type match struct {
	typ    *Type
	shape  *shape
	values [maxParameters]string
}

// find reads an ARN by the first template that it fits.
func find(a envelope.ARN) (match, bool) {
	heads := table().byHead[a.Service]
	if heads == nil {
		return match{}, false
	}
	head := headOf(strings.TrimPrefix(a.Resource, "/"))
	for _, shapes := range [...][]shape{heads[head], heads[""]} {
		for i := range shapes {
			s := &shapes[i]
			m := match{typ: s.typ, shape: s}
			if s.bare() && ((s.typ.template.region == "") != (a.Region == "") || (s.typ.template.account == "") != (a.AccountID == "")) {
				continue
			}
			if s.match(a.Resource, &m.values) {
				return m, true
			}
		}
	}
	return match{}, false
}

// value is that of a parameter; of one that is left out the default.
func (m match) value(parameter string) string {
	n := 0
	for _, p := range m.shape.parts {
		switch p.name {
		case "":
		case parameter:
			return m.values[n]
		default:
			n++
		}
	}
	return m.typ.template.defaults[parameter]
}

// name is what people call the resource.
func (m match) name(id string) string {
	name := m.value(m.typ.template.own)
	switch m.typ.form {
	case formPath: // a parameter's name begins with "/" where it has several parts
		if strings.Contains(name, "/") {
			return "/" + name
		}
	case formSecret:
		if dash := strings.LastIndexByte(name, '-'); dash > 0 && len(name)-dash == 7 {
			return name[:dash]
		}
	}
	if name == "" {
		return id
	}
	return name
}

// parent is the ARN of what holds the resource: the parameters they share say which.
func (m match) parent(t *Type, a envelope.ARN) (string, bool) {
	at := Place{Partition: a.Partition, Region: a.Region, Account: a.AccountID}
	others := func(parameter string) string {
		switch {
		case parameter == m.typ.template.account:
			return a.AccountID
		case t == m.typ && parameter != t.template.own: // a function's version is in the function
			return ""
		}
		return m.value(parameter)
	}
	return t.compose(at, others(t.template.own), others)
}

// AccountARN is the key of an AWS account: its root, the one ARN that every account has.
func AccountARN(partition, account string) string {
	return "arn:" + partition + ":iam::" + account + ":root"
}

// RegionARN is the key of a region as one account sees it. AWS gives regions no ARNs: this
// one is Polo's own.
func RegionARN(partition, region, account string) string {
	return "arn:" + partition + ":account::" + account + ":region/" + region
}

// Above lists the region and the account that a resource is in, nearest first, as far as
// they are known. account may be "aws", which owns what all accounts see, and is no account.
func Above(partition, region, account string) []string {
	if account == "" || strings.Trim(account, "0123456789") != "" {
		return nil
	}
	if region == "" {
		return []string{AccountARN(partition, account)}
	}
	return []string{RegionARN(partition, region, account), AccountARN(partition, account)}
}
