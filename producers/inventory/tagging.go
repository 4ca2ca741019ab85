package inventory

// sweepType stands for every type: the sweep's items are of whatever type their ARN is.
// No resource is of this type itself. That it was read to its end ends a gap in the
// coverage, and makes nothing vanish: what was never tagged is not listed, and would be
// taken for gone.
const sweepType = "tagging:resource"

// taggingService sweeps up what no entry reads: whatever is or was tagged. Its snapshots
// have ARN and tags alone, so it leaves out the types that have an entry.
func taggingService() Service {
	return Service{Name: "tagging", Aliases: []string{"resourcegroupstaggingapi"}, Entries: []Entry{{
		Type:  sweepType,
		List:  getResources(),
		Items: "ResourceTagMappingList",
		ARN:   "{ResourceARN}",
	}}}
}
