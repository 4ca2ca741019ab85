// Package envelope defines the event that all of Polo exchanges: its fields, its
// deterministic id, the ARN that keys it, its validation and the wire format of a queue
// message (see FORMAT.md). It imports no AWS SDK, no ClickHouse and nothing else of the
// project.
package envelope
