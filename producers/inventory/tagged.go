package inventory

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"

	"polo/envelope"
	"polo/producers/inventory/document"
)

// Limits of the Resource Groups Tagging API: its quotas give GetResources 15 requests a second
// per account and region, shared by the collectors of several services that run at the same time.
// A page has at most 100 resources.
const (
	taggingPerSecond = 5
	taggingBurst     = 2
	taggingPage      = 100
)

// getResources lists resources that have or had tags; of one type, if the item names it.
func getResources() Call {
	return pagesIn("GetResources", perCall(taggingPerSecond, taggingBurst), tagging.NewFromConfig, func(c *tagging.Client, in item) *tagging.GetResourcesPaginator {
		request := &tagging.GetResourcesInput{ResourcesPerPage: aws.Int32(taggingPage)}
		if typ := document.Text(in.object.Get("ResourceType")); typ != "" {
			request.ResourceTypeFilters = []string{typ}
		}
		return tagging.NewGetResourcesPaginator(c, request)
	})
}

// tagsOf requests the tags of an entry's whole type, by ARN: one request for a hundred resources,
// instead of one for each from the service itself. nil if the entry's tags come from elsewhere,
// or with an error.
func (r *reader) tagsOf(ctx context.Context, e *entry) (map[string]envelope.Pairs, error) {
	if e.Tagged == "" {
		return nil, nil
	}
	tags := map[string]envelope.Pairs{}
	about := item{object: document.Object{{Name: "ResourceType", Value: e.Tagged}}}
	list := readingOf(getResources().Name, "ResourceTagMappingList[]")
	err := r.call(ctx, getResources(), []item{about}, func(output document.Value) error {
		for _, it := range list.in(output).items {
			values := document.At(nil, it.object.Get("Tags"), nil)
			tags[document.Text(it.object.Get("ResourceARN"))], _ = tagsOf(values)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return tags, nil
}
