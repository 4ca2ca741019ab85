package costexplorer

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/costexplorer/types"

	"polo/envelope"
)

// describe fills in what a key says of a line: its field, and as a property what the API
// wrote.
func describe(e *envelope.ResourceEvent, by Group, key string) {
	switch by.Type {
	case types.GroupDefinitionTypeTag:
		// What has no such tag is told with an empty value.
		if v := by.value(key); v != "" {
			e.Tags.Set(by.Key, v)
		}
		return
	case types.GroupDefinitionTypeCostCategory:
		e.Properties.SetSome("cost_category:"+by.Key, by.value(key))
		return
	}
	switch by.Key {
	case "":
		name := "group"
		if e.Properties.Has(name) {
			name = "group_2"
		}
		e.Properties.SetSome(name, key)
		return
	case dimAccount:
		e.AccountID = key
		return
	case dimService:
		e.Service = serviceOf(key)
		e.Properties.SetSome("service_name", key)
		return
	case dimRegion:
		if isRegion(key) {
			e.Region = key
		}
	case dimZone:
		if region := strings.TrimRight(key, "abcdefghijklmnopqrstuvwxyz"); isRegion(region) && e.Region == "" {
			e.Region = region
		}
	case dimResource:
		resource(e, key)
		return
	}
	e.Properties.SetSome(strings.ToLower(by.Key), key)
}

// isRegion tells a region from what else the API says in its place: "global",
// "NoRegion", "NoAZ".
func isRegion(s string) bool {
	return strings.Count(s, "-") >= 2 && s[len(s)-1] >= '0' && s[len(s)-1] <= '9'
}

// resource fills in a resource's id, which is an ARN for some services and "NoResourceId"
// for what has none.
func resource(e *envelope.ResourceEvent, id string) {
	if id == "NoResourceId" {
		return
	}
	e.ResourceID = id
	arn, err := envelope.ParseARN(id)
	if err != nil || arn.Platform != envelope.PlatformAWS {
		return
	}
	e.ARN, e.ResourceType = id, arn.ResourceType()
	if _, name := arn.SplitResource(); name != "" {
		e.ResourceID = name
	}
	if e.Region == "" {
		e.Region = arn.Region
	}
	if e.Service == "" {
		e.Service = arn.Service
	}
}
