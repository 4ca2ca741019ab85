#!/usr/bin/env bash
# What `make run` does: ingest INPUT, or a generated organisation, into the
# data directory, and show what there is. Usage: run.sh DATA [INPUT]
set -euo pipefail
data=$1
input=${2:-}
world=
polo=$(dirname "$0")/../build/polo

if [ -z "$data" ]; then
  echo "run.sh: which data directory? make run DATA=DIR" >&2
  exit 2
fi
if [ -z "$input" ]; then
  # The world stays with its data: another one beside it would be the same organisation at another time.
  world=$data/sample
  if [ -e "$world/metadata.json" ]; then
    echo "The generated organisation in $world again; remove $data to have it end in the present."
  else
    "$polo" sample "$world"
  fi
  echo
fi
code=0
if [ -n "$world" ]; then
  "$polo" ingest "$world"/*/ --data "$data" || code=$?
else
  "$polo" ingest --input "$input" --data "$data" || code=$?
fi
if [ "$code" != 0 ] && [ "$code" != 3 ]; then # 3: what is there was ingested
  exit "$code"
fi
if [ -n "$world" ]; then
  "$polo" meta load "$world/metadata.json" --data "$data"
fi

show() { # title, command...
  echo
  echo "$1"
  shift
  "$polo" "$@" --data "$data"
}
known=$("$polo" query --list)
asks() { grep -q "^ *$1 " <<<"$known"; } # whether there is such a query
show "What it costs, by month up to the latest" sql "WITH (SELECT max(toStartOfMonth(day)) FROM cost_daily) AS latest
  SELECT if(grouping(item) = 1, 'total', item) AS service, currency, round(sum(a), 2) AS two_months_before, round(sum(b), 2) AS month_before, round(sum(c), 2) AS latest_month
  FROM (SELECT if(place > 8, '(other)', s) AS item, currency, a, b, c FROM
    (SELECT service AS s, currency, sumIf(cost, toStartOfMonth(day) = addMonths(latest, -2)) AS a, sumIf(cost, toStartOfMonth(day) = addMonths(latest, -1)) AS b,
      sumIf(cost, toStartOfMonth(day) = latest) AS c, row_number() OVER (PARTITION BY currency ORDER BY c DESC, s) AS place FROM cost_daily GROUP BY s, currency))
  GROUP BY GROUPING SETS ((item, currency), (currency)) ORDER BY currency, grouping(item), item = '(other)', latest_month DESC"
show "What changed last" sql "SELECT toDateTime(ts) AS time, splitByChar('/', actor)[-1] AS who, properties['event_name'] AS call, resource_type AS type, if(resource_name = '', resource_id, resource_name) AS resource, account_id AS account
  FROM resource_events WHERE event_type IN ('resource.created', 'resource.updated', 'resource.deleted') AND error_code = '' AND actor != '' ORDER BY ts DESC, arn LIMIT 8"
if asks cost_anomalies; then
  show "What costs otherwise than expected: polo query cost_anomalies" sql "SELECT first_day, last_day, kind,
      multiIf(marqo_customer != '', concat('customer ', marqo_customer), service != '', concat(service, ' in ', account_id), concat('account ', account_id)) AS of,
      currency, round(cost, 2) AS cost, round(expected, 2) AS expected
    FROM cost_anomalies ORDER BY first_day DESC, abs(excess) DESC LIMIT 10"
fi
if asks rule_violations; then
  show "What breaks a rule: polo query rule_violations" sql "SELECT severity, title, count() AS resources, min(if(resource_name = '', arn, resource_name)) AS one_of_them
    FROM rule_violations WHERE status = 'open' GROUP BY severity, title ORDER BY indexOf(['critical', 'high', 'medium', 'low'], severity), resources DESC, title"
fi

at=
if [ "$data" != .polo ]; then at="; each with --data $data"; fi
cat <<END

Ask on (docs/QUESTIONS.md has twenty$at):
  build/polo query cost_compare -p by=customer        # who costs more than before?
  build/polo query cost_movers                        # what moved in the last week?
  build/polo query activity_changes -p since=now-48h  # what changed, and who did it?
  build/polo query health_idle                        # what costs and serves nothing?
  build/polo query --list                             # what else can be asked?
  build/polo sql                                      # anything
END
if [ -e "$(dirname "$polo")/worker/worker.js" ]; then
  cat <<END

See it: the dashboard is at http://127.0.0.1:8321 while this runs, which prints the link that signs you in:
  build/polo up$([ "$data" = .polo ] || echo " --data $data")
END
fi
exit "$code"
