package cur

import (
	"errors"
	"strings"

	"github.com/go-faster/jx"

	"polo/envelope"
)

// tagColumn returns the key of a column that holds one tag: resourceTags/user:Name of CSV,
// resource_tags_user_name of Parquet, where the key's own spelling is lost.
func tagColumn(name string) (key string, ok bool) {
	for _, prefix := range [...]string{"resourceTags/", "resource_tags_", "resource_tags/"} {
		if rest, found := cutPrefixFold(name, prefix); found && rest != "" {
			return tagKey(rest), true
		}
	}
	return "", false
}

// categoryColumn returns the name of the cost category that a column holds.
func categoryColumn(name string) (key string, ok bool) {
	for _, prefix := range [...]string{"costCategory/", "cost_category_", "cost_category/"} {
		if rest, found := cutPrefixFold(name, prefix); found && rest != "" {
			return rest, true
		}
	}
	return "", false
}

func cutPrefixFold(s, prefix string) (rest string, found bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return "", false
	}
	return s[len(prefix):], true
}

// tagKey returns the tag's own key. Bills put "user:" before the keys that users chose; in
// Parquet columns this prefix and "aws:" have an underscore.
func tagKey(key string) string {
	for _, prefix := range [...]string{"user:", "user_"} {
		if rest, found := cutPrefixFold(key, prefix); found && rest != "" {
			return rest
		}
	}
	switch key {
	// The spelling of AWS's own keys is known.
	case "aws_created_by":
		return "aws:createdBy"
	case "aws_autoscaling_group_name":
		return "aws:autoscaling:groupName"
	case "aws_cloudformation_stack_name":
		return "aws:cloudformation:stack-name"
	case "aws_cloudformation_logical_id":
		return "aws:cloudformation:logical-id"
	case "aws_ecs_cluster_name":
		return "aws:ecs:clusterName"
	case "aws_ecs_service_name":
		return "aws:ecs:serviceName"
	case "aws_eks_cluster_name":
		return "aws:eks:cluster-name"
	case "aws_ec2spot_fleet_request_id", "aws_ec2_spot_fleet_request_id":
		return "aws:ec2spot:fleet-request-id"
	}
	return key
}

// sortedTags holds the tags of one map by what they belong to.
type sortedTags struct {
	// tags are the resource's own. The others say nothing about its owner: accounts and
	// principals have their own tags.
	tags                                 envelope.Pairs
	account, user, principal, categories envelope.Pairs
}

// sortTags splits the tags of CUR 2.0's column tags and of FOCUS, where AWS prefixes a key with
// what the tag belongs to. A key without a prefix is the resource's.
//
// Source: AWS, "Tags column", of the Data Exports user guide.
func sortTags(pairs envelope.Pairs, k kind) sortedTags {
	var s sortedTags
	for _, p := range pairs {
		to, key := &s.tags, p.Key
		on, rest, found := strings.Cut(p.Key, "/")
		switch {
		case !found || rest == "":
			if k == kindCUR {
				key = tagKey(key)
			}
		case on == "resourceTags":
			key = strings.TrimPrefix(rest, "user:")
		case on == "accountTag":
			to, key = &s.account, rest //mutant:account-tags-name-customers
		case on == "userAttribute":
			to, key = &s.user, rest
		case on == "iamPrincipal":
			to, key = &s.principal, rest
		case on == "costCategory":
			to, key = &s.categories, rest
		case k == kindCUR:
			key = tagKey(key)
		}
		to.Set(key, p.Value)
	}
	return s
}

// errMap means that text is not a JSON object. It does not contain the text.
var errMap = errors.New("not a JSON object")

// maxMapBytes bounds the JSON of one map.
const maxMapBytes = 256 << 10

// parseMap parses a JSON object, or a list of objects with a key and a value each. Values that
// are not text are kept as JSON; null is left out.
func parseMap(text string, key func(string) string) (envelope.Pairs, error) {
	if len(text) > maxMapBytes {
		return nil, errMap
	}
	d := jx.DecodeStr(text)
	var pairs envelope.Pairs
	var err error
	switch d.Next() {
	case jx.Object:
		err = d.Obj(func(d *jx.Decoder, k string) error { return mapEntry(d, key(k), &pairs) })
	case jx.Array:
		err = d.Arr(func(d *jx.Decoder) error { return mapElement(d, key, &pairs) })
	default:
		return nil, errMap
	}
	if err != nil || d.Next() != jx.Invalid {
		return nil, errMap
	}
	return pairs, nil
}

func mapEntry(d *jx.Decoder, key string, pairs *envelope.Pairs) error {
	value, err := mapValue(d)
	if err != nil {
		return err
	}
	if key != "" && value != "" {
		pairs.Set(key, value)
	}
	return nil
}

// mapElement parses {"key": ..., "value": ...}, the form of some Parquet writers' maps.
func mapElement(d *jx.Decoder, key func(string) string, pairs *envelope.Pairs) error {
	k, v := "", ""
	err := d.Obj(func(d *jx.Decoder, name string) (err error) {
		switch strings.ToLower(name) {
		case "key":
			k, err = mapValue(d)
		case "value":
			v, err = mapValue(d)
		default:
			err = d.Skip()
		}
		return err
	})
	if err == nil && k != "" && v != "" {
		pairs.Set(key(k), v)
	}
	return err
}

func mapValue(d *jx.Decoder) (string, error) {
	switch d.Next() {
	case jx.String:
		return d.Str()
	case jx.Null:
		return "", d.Null()
	}
	raw, err := d.Raw()
	return string(raw), err
}

// mapJSON returns pairs as a JSON object, "" if there are none.
func mapJSON(pairs envelope.Pairs) string {
	if len(pairs) == 0 {
		return ""
	}
	var w jx.Writer
	w.ObjStart()
	for i, p := range pairs {
		if i > 0 {
			w.Comma()
		}
		w.FieldStart(p.Key)
		w.Str(p.Value)
	}
	w.ObjEnd()
	return string(w.Buf)
}
