// Package envelope holds the event that every part of Polo speaks: its
// fields, its deterministic identity, the ARN that keys it, its validation and
// the wire format of a queue message (see FORMAT.md). It knows no AWS SDK, no
// ClickHouse and nothing else of the project.
package envelope
