{{/* What several views of costs share. */}}

{{/* scope is the number of what decides, for all its lines alike, whether they count: the delivery of a bill,
or for a line without one the time at which it was observed. */}}
{{define "scope"}}sipHash64(source, payer_account_id, report_account, billing_day, delivery, if(delivery = '', observed_at, toDateTime64(0, 3, 'UTC'))){{end}}

{{/* charge_type is the kind of a charge in the words of the bill: CUR's line item type, FOCUS' charge category. */}}
{{define "charge_type"}}multiIf(properties['charge_type'] != '', properties['charge_type'], properties['line_item_type'] != '', properties['line_item_type'], properties['charge_category']){{end}}

{{/* rank orders the deliveries of a bill, of which n lines have arrived of those told: 3 whole, 2 partial, 1 arriving,
0 without a line. */}}
{{define "rank"}}multiIf(ended AND whole AND n >= told, 3, n = 0, 0, ended AND n >= told, 2, 1){{end}} {{- /* mutant:deliveries-count-early,newest-delivery-counts */}}

{{/* scope_tuple is the type of a scope and its lines on a day: number, source, payer, report, billing day, delivery,
latest observation, lines. */}}
{{define "scope_tuple"}}Tuple(UInt64, String, String, String, Date32, String, DateTime64(3, 'UTC'), UInt64){{end}}

{{/* span is the number of a payer's day. */}}
{{define "span"}}sipHash64(payer_account_id, toInt32(toDate32(ts))){{end}}

{{/* days are the generations of cost_rollups that count, the days that none has seen all of, and of the days that are rolled
up the scopes and, if lines without a delivery are among them, the spans of each payer's deliveries. On a cluster a day is rolled up if it is in every shard; all is read from
the same replica of a shard, because another might not have a generation yet. The scopes are added up here,
because ClickHouse writes a constant out again in each step of a plan. */}}
{{define "days"}}SELECT
        generations, touched,
        arrayMap((s, n, at) -> (s.1, s.2, s.3, s.4, s.5, s.6, at, n), arraySort(names), counts.2, times.2),
        if(arrayExists(s -> s.6 = '', names), spans, [])
    FROM
    (
        SELECT
            {{if cluster}}groupArrayArrayIf(made, rolled){{else}}groupArrayIf(generation, rolled){{end}} AS generations,
            groupArrayIf(day, NOT rolled) AS touched,
            groupUniqArrayArrayIf(arrayMap(s -> (s.1, s.2, s.3, s.4, s.5, s.6), scopes), rolled) AS names,
            sumMapIf(arrayMap(s -> s.1, scopes), arrayMap(s -> s.8, scopes), rolled) AS counts,
            maxMapIf(arrayMap(s -> s.1, scopes), arrayMap(s -> s.7, scopes), rolled) AS times,
            groupUniqArrayArrayIf(arrayMap(s -> (s.1, sipHash64(s.3, toInt32(day))), arrayFilter(s -> s.4 = '' AND s.6 != '', scopes)), rolled) AS spans
        FROM {{if cluster}}(SELECT day, groupArray(generation) AS made, min(generation) > 0 AS rolled, groupArrayArray(scopes) AS scopes FROM polo.cost_days_everywhere GROUP BY day SETTINGS load_balancing = 'in_order'){{else}}(SELECT *, generation > 0 AS rolled FROM polo.cost_days){{end}}
    ){{end}}

{{/* state_holds is whether the state in cost_states that was kept last is that of now. It must outlive the question. It names no
now(): a question that asks it in several places must ask for one and the same, to be told once. */}}
{{define "state_holds"}}argMax(stamp, made) = (SELECT (stamp, until) FROM polo.cost_stamp).1 AND argMax(expires, made) > (SELECT (stamp, until) FROM polo.cost_stamp).2{{end}} {{- /* mutant:kept-state-always-holds */}}
{{define "state_is_kept"}}(SELECT {{template "state_holds"}} FROM polo.cost_states SETTINGS final = 0){{end}}

{{/* kept_costs is whether the kept state holds, and what counts of the rows that are then read from cost_rollups: generations,
scopes, and scopes of bills that are not whole. Of a live view, which is read while it does not hold, all rows count: they have
generation 0, and scope 1 if they are of a bill that is not whole, else 0. */}}
{{define "kept_costs"}}{{if cluster}}(false, [0::UInt64], [0::UInt64, 1], [1::UInt64]){{else}}(SELECT if({{template "state_holds"}}, (true, argMax(generations, made), argMax(adding, made), argMax(partial, made)), (false, [0::UInt64], [0::UInt64, 1], [1::UInt64]))
    FROM polo.cost_states SETTINGS final = 0){{end}}{{end}}
