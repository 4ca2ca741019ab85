// Package schema defines Polo's tables in ClickHouse: the migrations that create the tables, the
// files of the views and dictionaries, the Migrator that applies both, and the columns that events
// become.
//
// One insert writes events into resource_events. Materialised views copy the events that need a
// narrower table into it, and add nothing up. Readers use only views that take the latest statement
// of each fact (FINAL). So an event counts once, however often and in whatever order it arrives,
// and a restatement replaces the earlier statement everywhere at once.
package schema
