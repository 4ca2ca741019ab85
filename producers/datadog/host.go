package datadog

import (
	"regexp"
	"slices"

	"polo/envelope"
)

var (
	instanceID = regexp.MustCompile(`^i-[0-9a-f]{8,17}$`)
	awsRegion  = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)
	awsAccount = regexp.MustCompile(`^[0-9]{12}$`)
)

// hostDetails adds a host's tags, whether it is up, and the EC2 instance it is. The
// instance's ARN is known only if tags name its region and account.
func hostDetails(item map[string]any, e *envelope.ResourceEvent) {
	sources, _ := item["tags_by_source"].(map[string]any)
	var tags []any
	for _, of := range sources {
		list, _ := of.([]any)
		tags = append(tags, list...)
	}
	e.Tags = tagsOf(tags)
	if up, stated := item["up"].(bool); stated {
		if e.State = "down"; up {
			e.State = "up"
		}
	}
	aliases, _ := item["aliases"].([]any)
	ids := []string{textOf(item["aws_id"])}
	for _, a := range append(aliases, item["host_name"], item["name"]) {
		ids = append(ids, textOf(a))
	}
	i := slices.IndexFunc(ids, instanceID.MatchString)
	if i < 0 {
		return
	}
	e.Properties.Set("aws_id", ids[i])
	region, account := e.Tags.Get("region"), e.Tags.Get("aws_account")
	if !awsRegion.MatchString(region) || !awsAccount.MatchString(account) {
		return
	}
	e.Relations = []envelope.Relation{{
		Type: "runs_on", TargetARN: envelope.AWSARN(envelope.PartitionOf(region), "ec2", region, account, "instance/"+ids[i]).String(),
	}}
}
