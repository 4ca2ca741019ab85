#!/usr/bin/env bash
# What `make run` does: ingest INPUT, or a generated day of an organisation,
# into the data directory, and show what landed. Usage: run.sh DATA [INPUT]
set -euo pipefail
data=$1
input=${2:-}
polo=$(dirname "$0")/../build/polo

if [ -z "$data" ]; then
  echo "run.sh: which data directory? make run DATA=DIR" >&2
  exit 2
fi
if [ -z "$input" ]; then
  input=$(mktemp -d)
  trap 'rm -rf "$input"' EXIT
  "$polo" sample "$input"
  echo
fi
code=0
"$polo" ingest --input "$input" --data "$data" || code=$?
if [ "$code" != 0 ] && [ "$code" != 3 ]; then # 3: what is there was ingested
  exit "$code"
fi

show() { # title, query
  echo
  echo "$1"
  "$polo" sql --data "$data" "$2"
}
show "Events by type" "SELECT event_type, count() AS events, uniq(arn) AS resources, min(ts) AS first, max(ts) AS last
  FROM resource_events GROUP BY event_type ORDER BY events DESC"
show "Who did what, and how often it failed" "SELECT service, properties['event_name'] AS call, count() AS calls, countIf(error_code != '') AS failed, uniq(actor) AS actors
  FROM resource_events WHERE event_type LIKE 'activity.%' GROUP BY service, call ORDER BY calls DESC LIMIT 12"
show "Current resources" "SELECT resource_type, count() AS resources, uniq(account_id) AS accounts FROM resources_current GROUP BY resource_type ORDER BY resources DESC LIMIT 12"
show "Relations between resources" "SELECT type, count() AS edges, min(first_seen) AS first, max(last_seen) AS last FROM resource_relationships GROUP BY type ORDER BY edges DESC LIMIT 8"
echo
echo "The data is in $data: build/polo sql --data $data \"SELECT ...\""
exit "$code"
