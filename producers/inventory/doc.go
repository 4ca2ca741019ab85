// Package inventory reads which resources exist in AWS accounts: where they are, whose they are
// and how they are related. Each run emits a snapshot of every resource and completes the types
// that it read to the end, so that a resource missing from them is known to be gone.
//
// # Entries
//
// An Entry describes a resource type: the call that lists it, where the items are in the answer,
// and how fields are read from an item. A service is a list of entries with one Collector, whose
// source is "aws." and the service's name in ARNs. To add a type, add an entry; to add a service,
// add a file and a line to services.
//
// # One normaliser
//
// Entries work on documents (package document), so one entry serves live answers of the SDK,
// recorded answers, and the AWS CLI's output. Normalise takes a recording; CallOfFile parses its
// file name.
//
// # Snapshots
//
// A resource.snapshot has the run's scheduled time and all that is known; it replaces what was
// known before. If a further call about an item (its tags, its settings) was refused, a snapshot
// would remove what was known. So the item becomes a resource.updated, which keeps what it does
// not state, and the type has a gap. A resource that AWS lists after its end (a terminated
// instance, for an hour) becomes a resource.deleted: as a snapshot it would count as existing
// until the next run.
//
// Resource types and ARNs are those of package awscatalog, and relation types those of package
// cloudtrail, so that scans and activity meet in the same resources.
package inventory
