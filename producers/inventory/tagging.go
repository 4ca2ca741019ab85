package inventory

// sweepType stands for every type: the sweep's items have the types of their ARNs, and no
// resource has this type. Its completion ends a gap in the coverage and removes no resource,
// because the list omits resources that were never tagged.
const sweepType = "tagging:resource"

// taggingService sweeps up resources that no entry reads, if they have or had tags. Its snapshots
// have only ARN and tags, so it leaves out types that have an entry.
func taggingService() Service {
	return Service{Name: "tagging", Aliases: []string{"resourcegroupstaggingapi"}, Entries: []Entry{{
		Type:  sweepType,
		List:  getResources(),
		Items: "ResourceTagMappingList",
		ARN:   "{ResourceARN}",
	}}}
}
