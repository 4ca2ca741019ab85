package resolve

import (
	"strings"

	"polo/producers/cloudtrail/jsontext"
)

// Resources finds the resources in a record's list of resources, valid JSON; each entry holds an
// ARN, or the prefix of one.
func (call *Call) Resources(list string) {
	c := jsontext.New(list)
	if c.Peek() != '[' {
		return
	}
	for ok := c.Enter(); ok && len(call.found) < maxCandidates; ok = c.More() {
		if c.Peek() != '{' {
			if c.Peek() == '"' { // EventBridge lists ARNs
				call.addResource(c.Scalar(), "", false)
				continue
			}
			c.Skip()
			continue
		}
		var arn, prefix, typ string
		for ok := c.Enter(); ok; ok = c.More() {
			switch jsontext.Unescape(c.Name()) {
			case "ARN", "arn", "Arn":
				arn = c.Scalar()
			case "ARNPrefix":
				prefix = c.Scalar()
			case "type":
				typ = c.Scalar()
			default:
				c.Skip()
			}
		}
		if arn == "" {
			call.addResource(strings.TrimSuffix(prefix, "/"), typ, true)
		} else {
			call.addResource(arn, typ, false)
		}
	}
}

func (call *Call) addResource(arn, typ string, prefix bool) {
	s, root := call.Resolver, call.Service.root
	s.found = append(s.found, Candidate{key: root, parent: root, object: -1, side: Details, how: ResolvedResources})
	c := &s.found[len(call.found)-1]
	if strings.ContainsAny(arn, "*?") && !strings.Contains(arn, ":s3:") || !c.setARN(strings.TrimSuffix(arn, ":*")) {
		s.found = s.found[:len(call.found)-1]
		return
	}
	// "AWS::S3::Bucket" is more specific than a bare ARN.
	word := strings.ToLower(typ[strings.LastIndexByte(typ, ':')+1:])
	c.key, c.prefix = &key{stem: word}, prefix
	call.rate(c)
}
