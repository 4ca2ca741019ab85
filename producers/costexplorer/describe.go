package costexplorer

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/costexplorer/types"

	"polo/envelope"
	"polo/producers/awscatalog"
)

// describe sets what a key says about a line: its field, and the API's text as a property.
func describe(e *envelope.ResourceEvent, by Group, key string) {
	switch by.Type {
	case types.GroupDefinitionTypeTag:
		// The API gives an empty value for a missing tag.
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
		e.Service, _ = awscatalog.ServiceOfBill(key)
		e.Properties.SetSome("service_name", key)
		return
	case dimRegion:
		if awscatalog.IsRegion(key) {
			e.Region = key
		}
	case dimZone:
		if e.Region == "" {
			e.Region = awscatalog.RegionOfZone(key)
		}
	case dimResource:
		e.ResourceID = key
		return
	}
	e.Properties.SetSome(strings.ToLower(by.Key), key)
}

// resource sets a resource by its id, which is an ARN for some services and "NoResourceId" for no
// resource. An id becomes an ARN only if the line names the account: the payer, which a line
// without an account gets, need not own the resource.
func resource(e *envelope.ResourceEvent) {
	if e.ResourceID == "NoResourceId" {
		e.ResourceID = ""
	}
	if e.ResourceID == "" {
		return
	}
	id := e.ResourceID
	if built, ok := awscatalog.BilledARN(id, e.Service, awscatalog.Place{Region: e.Region, Account: e.AccountID}); ok {
		id = built
	}
	r, ok := awscatalog.Describe(id)
	if !ok {
		return
	}
	e.ARN, e.ResourceType = r.ARN, r.Type
	if r.ID != "" {
		e.ResourceID = r.ID
	}
	if e.Region == "" {
		e.Region = r.Parsed.Region
	}
	if e.Service == "" {
		e.Service = r.Parsed.Service
	}
}
