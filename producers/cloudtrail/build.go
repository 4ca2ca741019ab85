package cloudtrail

import "strings"

func (s *scratch) buildEC2(c *candidate, l *leaf, r *record, typ string, account bool) bool {
	if typ == "" {
		c.how, c.value = UnresolvedIDWithoutARN, l.value
		c.parsed.Service, c.parsed.Resource = "ec2", "ec2:"+l.value[:strings.LastIndexByte(l.value, '-')]
		return true
	}
	if typ == "key-pair" {
		if name := s.sibling(l.object, "keyname"); name != "" {
			return false // the ARN is by name, and the name stands beside it
		}
	}
	owner := ""
	if account {
		if owner = r.account; owner == "" {
			return false
		}
	}
	if r.region == "" {
		return false
	}
	return c.setARN("arn:" + r.partition + ":ec2:" + r.region + ":" + owner + ":" + typ + "/" + l.value)
}

// build fills in a rule's ARN; it fails where a part is not in the record or
// the value is not of the rule's shape.
func (s *scratch) build(rule *rule, l *leaf, r *record) (string, bool) {
	value, ok := rule.shape.read(l.value, r)
	if !ok {
		return "", false
	}
	if l.key.lower == "resourceid" && rule.shape == shapePath && !s.describesParameter(l) {
		return "", false
	}
	var b strings.Builder
	b.Grow(len(rule.arn) + len(value) + 32)
	b.WriteString("arn:")
	b.WriteString(r.partition)
	b.WriteByte(':')
	rest := rule.arn
	for {
		open := strings.IndexByte(rest, '{')
		if open < 0 {
			b.WriteString(rest)
			return b.String(), true
		}
		end := open + strings.IndexByte(rest[open:], '}')
		b.WriteString(rest[:open])
		part := ""
		switch name := rest[open+1 : end]; name {
		case "v":
			part = value
		case "r":
			part = r.region
		case "a":
			part = r.account
		default:
			part = s.other(name)
		}
		if part == "" {
			return "", false
		}
		b.WriteString(part)
		rest = rest[end+1:]
	}
}

// other is the value at another key that an ARN needs.
func (s *scratch) other(name string) string {
	v := s.anywhere(name)
	if name == "cluster" {
		if v == "" {
			return "default" // what ECS takes where no cluster is named
		}
		return v[strings.LastIndexByte(v, '/')+1:]
	}
	return v
}

// describesParameter tells whether Systems Manager's resourceId is a parameter's.
func (s *scratch) describesParameter(l *leaf) bool {
	typ := s.sibling(l.object, "resourcetype")
	return strings.EqualFold(typ, "Parameter") || typ == "" && strings.HasPrefix(l.value, "/")
}

// read takes a value of the shape and hands out what the ARN holds of it.
func (sh shape) read(v string, r *record) (string, bool) {
	if strings.ContainsAny(v, "*?\x00\n\r\t") || strings.HasPrefix(v, "HIDDEN_DUE_TO") {
		return "", false
	}
	switch sh {
	case shapePath:
		return strings.TrimPrefix(v, "/"), true
	case shapeLambda:
		if _, name, found := strings.Cut(v, ":function:"); found {
			return name, true
		}
		return strings.TrimPrefix(v, "function:"), true
	case shapeKMS:
		if strings.HasPrefix(v, "alias/") {
			return v, true
		}
		return "key/" + v, true
	case shapeQueue:
		return queueARN(v, r)
	case shapeTail:
		return v[strings.LastIndexByte(v, '/')+1:], true
	}
	return v, true
}

// queueARN reads "https://sqs.eu-west-1.amazonaws.com/111122223333/name" and the
// older "https://queue.amazonaws.com/111122223333/name" into
// "region:account:name".
func queueARN(url string, r *record) (string, bool) {
	_, rest, found := strings.Cut(url, "://")
	if !found {
		return "", false
	}
	parts := strings.Split(rest, "/")
	if len(parts) != 3 || parts[1] == "" || parts[2] == "" {
		return "", false
	}
	region := r.region
	if host := strings.Split(parts[0], "."); len(host) > 3 && host[0] == "sqs" {
		region = host[1]
	}
	if region == "" {
		return "", false
	}
	return region + ":" + parts[1] + ":" + parts[2], true
}
