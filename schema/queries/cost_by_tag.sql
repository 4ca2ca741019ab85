-- title: Cost by a tag
-- group: cost
-- text: What each value of a tag cost in a period. (none) is what lacks the tag, so that the rows of a currency add up to all of its cost.
-- param: tag String | required | min 1 | max 300 | The tag's key, as in the bill without its prefix user:
-- use: cost_period
-- use: cost_tag_filter
-- use: top
-- rows: 1000 5000
-- cache: 60
-- column: value String | The tag's value, (none) or (other)
-- column: kind String | value, none (the cost lacks the tag) or other (what is beyond top)
-- column: currency String | Currency of the row's costs, ISO 4217; costs of several are not added
-- column: cost Decimal(76, 38) | currency | What it cost
-- column: percent Nullable(Float64) | percent | Its share of all that the filters leave in the currency
-- column: lines UInt64 | lines | Lines of bills that make it up
-- column: estimated_lines UInt64 | lines | Those of them that are estimates: more than 0 means that the cost may change
-- column: partial_lines UInt64 | lines | Those of bills that are not whole: more than 0 means that cost is missing

SELECT
    multiIf(of = 'none', '(none)', place > {{top}}, '(other)', item) AS value,
    multiIf(of = 'none', 'none', place > {{top}}, 'other', 'value') AS kind,
    toString(money) AS currency,
    sum(amount) AS cost,
    if(any(total) = 0, NULL, round(toFloat64(cost) / toFloat64(any(total)) * 100, 2)) AS percent,
    toUInt64(sum(n)) AS lines, toUInt64(sum(estimated)) AS estimated_lines, toUInt64(sum(parts)) AS partial_lines
FROM
(
    SELECT
        *, sum(amount) OVER (PARTITION BY money) AS total,
        row_number() OVER (PARTITION BY money, of ORDER BY amount DESC, item) AS place
    FROM
    (
        -- What lacks the tag is all without what has it.
        SELECT of, item, money, sum(amount) AS amount, sum(n) AS n, sum(estimated) AS estimated, sum(parts) AS parts
        FROM
        (
            SELECT one.1 AS of, if(of = 'none', '', tag_value) AS item, money, one.2 * tagged AS amount, one.2 * toInt64(n) AS n, one.2 * toInt64(estimated) AS estimated, one.2 * toInt64(parts) AS parts
            FROM
            (
                SELECT tag_value, currency AS money, sum(cost) AS tagged, sum(lines) AS n, sum(estimated_lines) AS estimated, sum(partial_lines) AS parts
                FROM polo.cost_daily_by_tag
                WHERE tag_key = {tag:String} AND {{cost_period}} AND {{cost_tag_filter}}
                GROUP BY tag_value, money
            )
            ARRAY JOIN [('value', toInt8(1)), ('none', toInt8(-1))] AS one -- mutant:the-untagged-are-everything
            UNION ALL
            SELECT 'none' AS of, '' AS item, currency AS money, sum(cost) AS amount, toInt64(sum(lines)) AS n, toInt64(sum(estimated_lines)) AS estimated, toInt64(sum(partial_lines)) AS parts
            FROM polo.cost_daily
            WHERE {{cost_period}} AND {{cost_tag_filter}}
            GROUP BY money
        )
        GROUP BY of, item, money
        HAVING n != 0
    )
)
GROUP BY value, kind, currency
ORDER BY currency, kind = 'value' DESC, cost DESC, value
LIMIT {limit:UInt32} + 1
