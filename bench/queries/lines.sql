(ts, event_id, version, event_type, source, period_end, observed_at, billing_day, payer_account_id, arn, platform, account_id, account_role, region, service, resource_type, resource_id, resource_name,
    marqo_customer, marqo_cluster, marqo_index, usage_type, operation, estimated, cost_amount, currency, usage_quantity, usage_unit, tags, properties, delivery, report_account)
SELECT
    toDateTime64(today() - {days:UInt32}, 3, 'UTC') + toIntervalHour(intDiv(number * 24, {a_day:UInt64})) AS ts,
    reinterpretAsUUID(sipHash128(number)) AS event_id, toUInt64(toUnixTimestamp64Milli(now64(3))) AS version, 'cost.accrued', 'aws.cur', ts + toIntervalHour(1), now64(3),
    toStartOfMonth(ts)::Date32, '999999999999',
    concat('arn:aws:', service, ':', region, ':', account_id, ':instance/i-', lower(hex(thing))), 'aws',
    leftPad(toString(kind % 20), 12, '0') AS account_id, if(kind % 3 = 0, 'production', 'staging'), ['eu-west-1', 'us-east-1', 'us-west-2', 'ap-south-1', 'eu-central-1'][intDiv(kind, 20) % 5 + 1] AS region,
    concat('svc', toString(kind % 40)) AS service, concat(service, ':instance'), concat('i-', lower(hex(thing))), concat('name', toString(thing)),
    if(kind % 10 < 7, concat('customer', toString(intDiv(kind, 7) % 50)), ''), if(kind % 10 < 7, concat('cluster', toString(intDiv(kind, 7) % 200)), ''), if(kind % 10 < 5, concat('index', toString(kind % 500)), ''),
    concat('EUW1-BoxUsage:', toString(kind % 160)), 'RunInstances', false, toDecimal256(cityHash64(number) % 1000000, 38) / 1000000, 'USD', 1, 'Hrs',
    map('team', concat('team', toString(kind % 12)), 'Name', concat('name', toString(thing)), 'env', if(kind % 3 = 0, 'production', 'staging')), map('line_item_type', 'Usage'),
    concat('delivery-', toString(toYYYYMM(ts))), ''
FROM (SELECT number, number % intDiv({a_day:UInt64}, 24) AS thing, cityHash64(thing) % 1500 AS kind FROM numbers({from:UInt64}, {n:UInt64}))
