// Package schema is Polo's shape in ClickHouse: the migrations that make the
// tables, the files of the views and dictionaries, the runner that applies
// both, and the columns that events become.
//
// Events land in resource_events by one insert. Materialised views copy the
// kinds of events that need a narrower table there, without adding anything up,
// and everything that readers use is a view that takes the latest statement of
// each fact (FINAL). So an event counts once however often and in whatever
// order it arrives, and a restated one replaces its older self everywhere, at
// once.
package schema
