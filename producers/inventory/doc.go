// Package inventory reads what exists in AWS accounts: where it is, whose it is and how
// it hangs together. Each run emits a snapshot of every resource and says which types it
// read to the end, so that what is gone is known to be.
//
// # Entries
//
// A resource type is one Entry: which call lists it, where in the answer its items are,
// and how columns are read off an item. A service is a list of entries and one
// Collector, whose source is "aws." and the service's name in ARNs. To add a type, add
// an entry; to add a service, add a file and a line to services.
//
// # One normaliser
//
// Entries work on documents (package document), and so one entry serves live answers
// of the SDK, answers that somebody recorded, and what the AWS CLI prints. Normalise
// takes a recording; CallOfFile reads what it is of from its file's name.
//
// # What a snapshot is
//
// resource.snapshot, at the time the run was scheduled for, with all that is known: it
// replaces what was known before. Where a further call about an item was refused (its
// tags, its settings) that would drop what was known, so the item becomes a
// resource.updated, which leaves what it does not speak of, and the type has a gap. What
// AWS still lists though it is gone (a terminated instance, for an hour) becomes a
// resource.deleted: as a snapshot it would count as being there until the next run.
//
// Resource types and ARNs are those of package awscatalog, the words of relations those of
// package cloudtrail, because scans and activities meet by them.
package inventory
