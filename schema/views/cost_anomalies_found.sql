-- cost_anomalies_found: the days on which a series of costs was not what its past says: polo.cost_anomalies
-- without contributors. A series is what one account, one service of an account, or one customer cost each day, of
-- one source, payer and currency: nothing else is ever added up. Only the last 62 days that a payer has lines of are
-- judged, because later ones are restated; the 93 days before are their past. It is a function of the costs alone, so an
-- anomaly that a restatement explains is gone.
--
-- A day counts once its scope was read to its end after the day was over, and a payer's last day once a day
-- has passed since. A day that does not count is not judged, and to later ones it is as the same weekday before. A source's day
-- whose money the payer's bill tells, too, is judged by the bill alone.
--
-- What is usual for a day is the median of the four same weekdays before. What is expected is the usual, with what
-- was added to it in the week before, as far as that is growth; or what an earlier month charged near the same
-- day of the month, if that was a peak; or what each of three fortnights before did. The first three days of a month are
-- judged once an earlier month has begun, for that is when fees are due. The spread is that of
-- differences from week to week: half of them, or three quarters, in units of a standard deviation, and at least 4%
-- of the day. It is measured in money and in logarithms, because costs that double and halve are no
-- news to themselves. A unit of the currency and a quarter of the day must be out of place, and 5 units in all days together. Then a day is of kind
--   1 new       something after 56 days of nothing, in the scope of a payer known for 14 days; up to 7 days
--   2 vanished  one of three days in a row with at most 2% of a usual cost, in a series without such days before
--   3 level     most of the 7 days from it on, or up to it, cost a quarter more or less than usual and than the week before
--   4 credit    credits of a size that the month before has none of, and so less cost than expected
--   5 spike     3.5 spreads more than expected, and more than ordinary days cost
--   6 weekday   4.5 spreads more than the same weekday ever cost in four weeks, but no more than other days
-- Days that are at most three apart are one anomaly, of the first of these kinds.
--
-- The judgement is in Float64, the amounts are not. least and greatest stand for AND and OR where rows are many, since
-- those evaluate their arguments lazily, which costs more here than it saves. A lambda names no array from outside, because
-- ClickHouse would copy it for each element. Each step has a query of its own, because an expression that others name is written
-- out in each of them.

CREATE OR REPLACE VIEW polo.cost_anomalies_found{{on_cluster}}
(
    grain String COMMENT 'What the series is of: account, service (of an account) or customer',
    source LowCardinality(String) COMMENT 'Source of the costs: aws.cur',
    payer_account_id String COMMENT 'Account that pays the bill',
    currency LowCardinality(String) COMMENT 'Currency of the amounts, ISO 4217: USD',
    account_id LowCardinality(String) COMMENT 'Account; empty for a customer',
    service LowCardinality(String) COMMENT 'Service, as in the ARN: ec2; empty for an account or a customer',
    marqo_customer LowCardinality(String) COMMENT 'Customer; empty for an account or a service',
    kind String COMMENT 'new, vanished, level, credit, spike or weekday',
    first_day Date32 COMMENT 'Its first day, UTC',
    last_day Date32 COMMENT 'Its last day, UTC',
    cost Decimal(76, 38) COMMENT 'What those days cost, in currency, exact',
    expected Decimal(76, 38) COMMENT 'What they should have cost',
    excess Decimal(76, 38) COMMENT 'cost - expected; negative for what vanished, fell or was credited',
    provisional Bool COMMENT 'Whether a line of those days may still be restated'
)
AS WITH
    (SELECT (generations, touched, counting, adding) FROM polo.cost_state) AS state,
    155 AS days, -- of a series: 93 of the past, and 62 that are judged
    scopes AS
    (
        SELECT day, scope, source, payer_account_id, scope NOT IN state.4 AS doubled
        FROM polo.cost_rollups
        WHERE kind = 0 AND scope IN state.3 AND generation IN state.1
        SETTINGS final = 0{{if cluster}}, load_balancing = 'in_order'{{end}}
        UNION ALL
        SELECT DISTINCT toDate32(ts), number, source, payer_account_id, number NOT IN state.4
        FROM (SELECT *, {{template "scope"}} AS number FROM polo.cost_lines FINAL)
        WHERE toDate32(ts) IN state.2 AND event_type = 'cost.accrued' AND number IN state.3
    ),
    payers AS
    (
        SELECT source, payer_account_id, min(toInt32(day)) AS beginning, max(toInt32(day)) AS final, groupUniqArrayIf(toInt32(day), doubled) AS doubles
        FROM scopes
        GROUP BY source, payer_account_id
    ),
    lines AS
    (
        -- No rows: it asks for the state before the tables below are opened, so that they have all that it names.
        SELECT
            toDate32(0) AS day, 0::UInt64 AS scope, toLowCardinality('') AS source, toLowCardinality('') AS account_id, toLowCardinality('') AS service, toLowCardinality('') AS marqo_customer, toLowCardinality('') AS currency,
            toDecimal256(0, 38) AS amount, 0::Float64 AS magnitude, 0::UInt64 AS estimates
        WHERE length(state.1) > 1000000000
        UNION ALL
        SELECT day, scope, source, account_id, service, marqo_customer, currency, cost, magnitude, estimated_lines {{- /* mutant:anomalies-add-currencies,anomalies-add-sources */}}
        FROM polo.cost_rollups
        WHERE kind = 1 AND key = '' AND scope IN state.3 AND generation IN state.1
        SETTINGS final = 0{{if cluster}}, load_balancing = 'in_order'{{end}}
        UNION ALL
        SELECT toDate32(ts), number, source, account_id, service, marqo_customer, currency, stated, abs(toFloat64(stated)), estimated
        FROM (SELECT *, {{template "scope"}} AS number, ifNull(cost_amount, toDecimal256(0, 38)) AS stated FROM polo.cost_lines FINAL)
        WHERE toDate32(ts) IN state.2 AND event_type = 'cost.accrued' AND number IN state.3
    ),
    -- Each day of each series. place is 155 for the payer's last day.
    daily AS
    (
        SELECT
            ['account', 'service', 'customer'][multiIf(GROUPING(service) = 0, 2, GROUPING(account_id) = 0, 1, 3)] AS grain,
            source, payer_account_id, currency, account_id, service, marqo_customer, toInt32(day) - final + days AS place,
            sum(amount) AS cost, (toFloat64(cost) - sum(magnitude)) / 2 AS credits, max(estimates) > 0 AS estimated
        FROM lines
        INNER JOIN
        (
            SELECT s.scope AS number, any(s.payer_account_id) AS payer_account_id, any(p.final) AS final
            FROM scopes AS s
            INNER JOIN payers AS p ON s.source = p.source AND s.payer_account_id = p.payer_account_id
            GROUP BY number
        ) AS known ON lines.scope = known.number
        WHERE place > 0
        GROUP BY GROUPING SETS
        (
            (source, payer_account_id, currency, account_id, place),
            (source, payer_account_id, currency, account_id, service, place),
            (source, payer_account_id, currency, marqo_customer, place)
        )
        HAVING grain != 'customer' OR marqo_customer != ''
    ),
    told AS
    (
        SELECT grain, source, payer_account_id, currency, account_id, service, marqo_customer, groupArray((toUInt32(place), cost, credits, estimated)) AS of_days
        FROM daily
        GROUP BY grain, source, payer_account_id, currency, account_id, service, marqo_customer
    ),
    -- With the days of which nothing is told, in order.
    whole AS
    (
        SELECT
            * EXCEPT (of_days),
            bitmapToArray(bitmapAndnot(bitmapBuild(range(1::UInt32, days + 1)), bitmapBuild(of_days.1))) AS absent,
            arraySort((d, k) -> k, arrayConcat(of_days, arrayWithConstant(length(absent), (0::UInt32, toDecimal256(0, 38), 0., false))), arrayConcat(of_days.1, absent)) AS every
        FROM told
    ),
    -- Which days of a payer count.
    reach AS
    (
        SELECT
            source, payer_account_id, any(final) AS last,
            arrayMap(k -> has(groupArrayIf(toInt32(day) - final + days, counts), k), range(1, days + 1)) AS read,
            toInt32(greatest(1, any(beginning) - last + days)) AS begun,
            toInt32(arrayLastIndex(r -> r, read)) AS ended,
            arrayMap((r, k) -> r AND NOT has(any(doubles), k - days + last), read, range(1, days + 1)) AS judge {{- /* mutant:same-money-judged-twice */}}
        FROM
        (
            SELECT
                d.source AS source, d.payer_account_id AS payer_account_id, d.billing_day AS day, p.final AS final, p.beginning AS beginning, p.doubles AS doubles,
                d.scanned_at >= addDays(d.billing_day, if(toInt32(d.billing_day) = p.final, 2, 1)) AS counts {{- /* mutant:unfinished-days-judged */}}
            FROM polo.cost_scan_days AS d
            INNER JOIN payers AS p ON d.source = p.source AND d.payer_account_id = p.payer_account_id
        )
        GROUP BY source, payer_account_id
    ),
    series AS
    (
        SELECT
            w.grain AS grain, w.source AS source, w.payer_account_id AS payer_account_id, w.currency AS currency, w.account_id AS account_id, w.service AS service, w.marqo_customer AS marqo_customer,
            every.2 AS costs, every.3 AS credits, every.4 AS estimates, arrayMap(a -> toFloat64(a), costs) AS stated,
            r.last AS last, r.read AS read, r.judge AS judge, r.begun AS begun, r.ended AS ended,
            arrayMap((o, a, o1, a1, o2, a2, o3, a3) -> multiIf(o, a, o1, a1, o2, a2, o3, a3, 0.), read, stated, {{- /* mutant:unread-days-cost-nothing */}}
                arrayShiftRight(read, 7), arrayShiftRight(stated, 7), arrayShiftRight(read, 14), arrayShiftRight(stated, 14), arrayShiftRight(read, 21), arrayShiftRight(stated, 21)) AS v,
            arrayMap((a, b, c, d) -> (a + b + c + d - greatest(a, b, c, d) - least(a, b, c, d)) / 2, arrayShiftRight(v, 7), arrayShiftRight(v, 14), arrayShiftRight(v, 21), arrayShiftRight(v, 28)) AS usual
        FROM whole AS w
        INNER JOIN reach AS r ON w.source = r.source AND w.payer_account_id = r.payer_account_id
    ),
    -- The days that may be out of place, by a quick look.
    looked AS
    (
        SELECT
            * EXCEPT (costs, estimates, stated, read, judge),
            -- In its first four weeks a series has no usual: there a peak is half more than their median.
            arrayMap((a, b, first) -> if(a - greatest(b, first) >= greatest(1, 0.25 * greatest(b, first)), a, 0.), v, usual,
                arrayConcat(arrayWithConstant(least(days, begun + 27), 1.2 * arraySort(arraySlice(v, begun, 28))[14]), arrayWithConstant(days - least(days, begun + 27), 0.))) AS peaks,
            1.5 * arraySort(arrayMap((a, b) -> abs(a - b), arraySlice(v, 36, 119), arraySlice(v, 29, 119)))[60] / 0.954 AS noise,
            arrayJoin(arrayFilter(d -> d.5, arrayZip(range(1, days + 1), costs, arrayCumSum(costs), estimates,
                arrayMap((r, a, b, credit, k, past, z) -> r AND k > 93 AND k > past + 14 AND (abs(a - b) >= greatest(1, 0.15 * abs(b), z) OR credit <= -1),
                    judge, v, usual, credits, range(1, days + 1), arrayWithConstant(days, begun), arrayWithConstant(days, noise))))) AS seen
        FROM series
    ),
    judged AS
    (
        SELECT
            * EXCEPT (seen, noise), toInt32(seen.1) AS i, seen.2 AS amount, seen.3 AS total, seen.4 AS estimate,
            last - days + i AS at, v[i] AS x, usual[i] AS u, least(7, ended - i + 1) AS ahead,
            arraySlice(v, i - 28, 28) AS month, arraySlice(v, i - 56, 56) AS months,
            toInt32(arrayFirstIndex((a, b) -> abs(a) > b, months, arrayWithConstant(56, 0.01 + 0.001 * x))) AS born
        FROM looked
    ),
    -- age: for how many of 56 days there has been something. places: the same day of the three months before.
    aged AS
    (
        SELECT
            *, (born > 0) * (57 - born) AS age, least(28, greatest(age - 7, 1)) AS n, least(28, greatest(age - 14, 1)) AS n_before,
            intDiv(ahead + 2, 3) AS few, ahead + 1 - few AS many, intDiv(ahead + 1, 2) AS half_ahead,
            toDayOfMonth(toDate32(at)) AS dom, if(dom <= 3, dom - 1, 1) AS back,
            arrayMap((k, day, place) -> toInt32(greatest(1, place - (day - toInt32(addMonths(toDate32(day), -k))))), [1, 2, 3], arrayWithConstant(3, at), arrayWithConstant(3, i)) AS places,
            0.02 * arrayMax(month) + 0.01 AS tiny, arrayMax(months) AS most,
            greatest(arrayReverseSort(month)[3], 1.1 * arrayReverseSort(months)[4]) AS ordinary,
            arrayCount(a -> a > 0.01, month) AS active
        FROM judged
    ),
    weighed AS
    (
        SELECT
            *,
            arraySort(arraySlice([v[i - 7], v[i - 14], v[i - 21], v[i - 28]], 1, least(4, intDiv(age, 7)))) AS same,
            arrayFilter((a, b, c) -> greatest(a, b) > c, arraySlice(v, i - n, n), arraySlice(v, i - n - 7, n), arrayWithConstant(n, tiny)) AS later,
            arrayFilter((b, a, c) -> greatest(a, b) > c, arraySlice(v, i - n - 7, n), arraySlice(v, i - n, n), arrayWithConstant(n, tiny)) AS earlier,
            (age >= 35) * arraySort(arrayMap((a, b) -> if(b > 0, a / b, 1), arraySlice(v, i - 7, 7), arraySlice(usual, i - 7, 7)))[4] AS growth,
            greatest(peaks[places[1]], peaks[places[2]], peaks[places[3]], least(peaks[i - 14], peaks[i - 28], peaks[i - 42])) AS punctual,
            greatest(arrayMax(arraySlice(peaks, places[1] - least(back, places[1] - 1), 3)), arrayMax(arraySlice(peaks, places[2] - least(back, places[2] - 1), 3)), arrayMax(arraySlice(peaks, places[3] - least(back, places[3] - 1), 3))) AS about,
            least(arrayMin(arraySlice(credits, places[1] - least(back, places[1] - 1), 3)), arrayMin(arraySlice(credits, places[2] - least(back, places[2] - 1), 3)), arrayMin(arraySlice(credits, places[3] - least(back, places[3] - 1), 3))) AS credited,
            arraySort(arrayMap((a, b) -> abs(a - b), arraySlice(v, i - 6 - n_before, n_before), arraySlice(v, i - 13 - n_before, n_before))) AS moves_before,
            arraySort(arrayMap((a, b) -> if(b > 0, a / b, 1), arraySlice(v, i, ahead), arraySlice(v, i - 7, ahead))) AS next_by_week,
            arraySort(arrayMap((a, b) -> if(b > 0, a / b, 1), arraySlice(v, i, ahead), arraySlice(usual, i, ahead))) AS next_by_usual,
            arraySort(arrayMap((a, b) -> a - b, arraySlice(v, i, ahead), arraySlice(usual, i, ahead))) AS next_off,
            arraySort(arrayMap((a, b) -> if(b > 0, a / b, 1), arraySlice(v, i - 6, 7), arraySlice(v, i - 13, 7))) AS last_by_week,
            arraySort(arrayMap((a, b) -> if(b > 0, a / b, 1), arraySlice(v, i - 6, 7), arraySlice(usual, i - 6, 7))) AS last_by_usual,
            arraySort(arrayMap((a, b) -> a - b, arraySlice(v, i - 6, 7), arraySlice(usual, i - 6, 7))) AS last_off,
            arrayMap((a, b) -> least(b >= 1, a <= 0.02 * b), arraySlice(v, i - 2, 5), arraySlice(usual, i - 2, 5)) AS quiet,
            arrayCount((a, b) -> least(b >= 1, a <= 0.02 * b), arraySlice(v, i - 56, 35), arraySlice(usual, i - 56, 35)) AS quiet_before,
            arrayMax(arrayMap(a -> abs(a), arraySlice(v, i - age - 28, 28))) <= 0.01 AS fresh
        FROM aged
    ),
    spread AS
    (
        SELECT
            *,
            (same[intDiv(length(same) + 1, 2)] + same[intDiv(length(same) + 2, 2)]) / 2 AS weekday,
            greatest(punctual, (greatest(peaks[i - 1], peaks[i - 2]) < 0.7 * about) * about) AS monthly,
            arraySort(arrayMap((a, b) -> abs(a - b), later, earlier)) AS moves,
            arraySort(arrayMap((a, b, c) -> abs(log(greatest(a, c) / greatest(b, c))), later, earlier, arrayWithConstant(length(later), tiny))) AS factors,
            intDiv(length(later) + 1, 2) AS half, intDiv(length(later) * 3 + 3, 4) AS most_of_them
        FROM weighed
    ),
    expected AS
    (
        SELECT
            *, greatest(weekday * greatest(1, growth), monthly) AS e,
            greatest(moves[half] / 0.954, moves[most_of_them] / 1.63) AS money,
            greatest(factors[half] / 0.954, factors[most_of_them] / 1.63, 0.04) AS parts,
            greatest(moves_before[intDiv(n_before + 1, 2)] / 0.954, moves_before[intDiv(n_before * 3 + 3, 4)] / 1.63, 0.04 * abs(u)) AS money_before
        FROM spread
    ),
    measured AS
    (
        SELECT *, x - e AS over, greatest(money, 0.04 * abs(e)) AS sd, log(greatest(x, tiny) / greatest(e, tiny)) AS times, x - u AS off
        FROM expected
    ),
    flagged AS
    (
        SELECT
            *,
            least(over >= greatest(1, 0.25 * abs(e)), over >= 3.5 * sd, greatest(dom > 3, places[1] > begun), greatest(over >= 7 * sd, times >= 3.5 * parts)) AS odd,
            least(x >= 1, greatest(born = 0, least(age < 7, fresh))) AS is_new,
            least(age >= 21, quiet_before <= 2, quiet[3], greatest(least(quiet[1], quiet[2]), least(quiet[2], quiet[4]), least(quiet[4], quiet[5]))) AS is_vanished,
            least(age >= 35, greatest(x - greatest(u, monthly), u - x) >= greatest(1, 0.15 * u), greatest(
                least(ahead >= 4, abs(next_off[half_ahead]) > 3 * sd, greatest(least(off > 0, next_by_week[half_ahead] >= 1.25, next_by_usual[few] >= 1.25), least(off < 0, next_by_week[ahead + 1 - half_ahead] <= 0.75, next_by_usual[many] <= 0.75))),
                least(abs(last_off[4]) > 3 * money_before, greatest(least(off > 0, last_by_week[4] >= 1.25, last_by_usual[3] >= 1.25), least(off < 0, last_by_week[4] <= 0.75, last_by_usual[5] <= 0.75))))) AS is_level,
            least(credits[i] <= -1, x <= weekday - greatest(1, 0.25 * abs(weekday)), credits[i] <= 1.25 * arrayMin(arraySlice(credits, i - 28, 28)), credited >= 0.8 * credits[i]) AS is_credit
        FROM measured
    ),
    kinds AS
    (
        SELECT
            *,
            indexOf([
                is_new, is_vanished, is_level, is_credit,
                least(odd, age >= 14, x > ordinary, x > (active < 14) * 3 * most),
                least(odd, age >= 28, active >= 14, x <= ordinary, x >= 1.3 * arrayMax(same), over >= 4.5 * sd, times >= 4.5 * parts)
            ], 1) AS number
        FROM flagged
    ),
    found AS
    (
        SELECT
            grain, source, payer_account_id, currency, account_id, service, marqo_customer, i, at, amount, total, estimate, number,
            toDecimal256(toInt128(round([0., u, u, u, e, e][number] * 1e6)), 38) / 1000000 AS should,
            i - lagInFrame(i, 1, toInt32(-100)) OVER (PARTITION BY grain, source, payer_account_id, currency, account_id, service, marqo_customer ORDER BY i) > 3 AS begins
        FROM kinds
        WHERE number > 0
    ),
    runs AS
    (
        SELECT *, sum(begins) OVER (PARTITION BY grain, source, payer_account_id, currency, account_id, service, marqo_customer ORDER BY i) AS run
        FROM found
    )
SELECT
    grain, source, payer_account_id, currency, account_id, service, marqo_customer,
    ['new', 'vanished', 'level', 'credit', 'spike', 'weekday'][min(number)] AS kind,
    toDate32(min(at)) AS first_day, toDate32(max(at)) AS last_day,
    -- Days between that are as expected are a part of both.
    argMax(total, at) - argMin(total - amount, at) AS cost, cost - excess AS expected, sum(amount - should) AS excess,
    max(estimate)::Bool AS provisional
FROM runs
GROUP BY grain, source, payer_account_id, currency, account_id, service, marqo_customer, run
HAVING abs(excess) >= 5
COMMENT 'Internal: the anomalies of cost_anomalies, without contributors'
