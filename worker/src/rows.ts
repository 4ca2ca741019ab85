// Made of the columns in schema/queries by go test ./schema/queries -run TestRowTypes -update.

/** A row of each named query's answer. */
export interface Rows {
  cost_anomalies: {
    /** account, service (of an account) or customer */
    grain: string
    /** Account; empty for a customer */
    account_id: string
    /** Service; empty for an account or a customer */
    service: string
    /** Customer; empty for an account or a service */
    customer: string
    /** new, vanished, level, credit, spike or weekday */
    kind: string
    /** Its first day (day (UTC)) */
    first_day: string
    /** Its last day (day (UTC)) */
    last_day: string
    /** Currency of the row's costs, ISO 4217; costs of several are not added */
    currency: string
    /** What those days cost (currency) */
    cost: string
    /** What they should have cost, rounded to 6 digits a day (currency) */
    expected: string
    /** cost - expected (currency) */
    excess: string
    /** Whether lines of those days are estimates: it may go away */
    provisional: boolean
    /** What made the excess, most first: ARN or, without one, account and service; and usage type */
    contributors: string[]
    /** Source of the costs */
    source: string
    /** Account that pays the bill */
    payer: string
    /** When the costs were judged (UTC) */
    computed_at: string
  }
  cost_by_charge_type: {
    /** The type of charge, or (none) */
    value: string
    /** value or none */
    kind: string
    /** Currency of the row's costs, ISO 4217; costs of several are not added */
    currency: string
    /** What it cost; credits and refunds are negative (currency) */
    cost: string
    /** Its share of all that the filters leave in the currency (percent) */
    percent: number | null
    /** Lines of bills that make it up (lines) */
    lines: string
    /** Those of them that are estimates: more than 0 means that the cost may change (lines) */
    estimated_lines: string
    /** Those of bills that are not whole: more than 0 means that cost is missing (lines) */
    partial_lines: string
  }
  cost_by_dimension: {
    /** The dimension's value, (none) or (other) */
    value: string
    /** value, none (the cost has no value) or other (what is beyond top) */
    kind: string
    /** Name of the account or customer, where one is known */
    label: string
    /** Currency of the row's costs, ISO 4217; costs of several are not added */
    currency: string
    /** What it cost (currency) */
    cost: string
    /** Its share of all that the filters leave in the currency (percent) */
    percent: number | null
    /** Lines of bills that make it up (lines) */
    lines: string
    /** Those of them that are estimates: more than 0 means that the cost may change (lines) */
    estimated_lines: string
    /** Those of bills that are not whole: more than 0 means that cost is missing (lines) */
    partial_lines: string
  }
  cost_by_platform: {
    /** aws, azure, gcp, ... */
    platform: string
    /** Which source tells it */
    source: string
    /** Currency of the row's costs, ISO 4217; costs of several are not added */
    currency: string
    /** What it cost (currency) */
    cost: string
    /** Accounts with costs (accounts) */
    accounts: string
    /** The first day with costs (day (UTC)) */
    first_day: string
    /** The last day with costs (day (UTC)) */
    last_day: string
    /** Lines of bills that make it up (lines) */
    lines: string
    /** Those of them that are estimates: more than 0 means that the cost may change (lines) */
    estimated_lines: string
    /** Those of bills that are not whole: more than 0 means that cost is missing (lines) */
    partial_lines: string
  }
  cost_by_tag: {
    /** The tag's value, (none) or (other) */
    value: string
    /** value, none (the cost lacks the tag) or other (what is beyond top) */
    kind: string
    /** Currency of the row's costs, ISO 4217; costs of several are not added */
    currency: string
    /** What it cost (currency) */
    cost: string
    /** Its share of all that the filters leave in the currency (percent) */
    percent: number | null
    /** Lines of bills that make it up (lines) */
    lines: string
    /** Those of them that are estimates: more than 0 means that the cost may change (lines) */
    estimated_lines: string
    /** Those of bills that are not whole: more than 0 means that cost is missing (lines) */
    partial_lines: string
  }
  cost_by_usage_type: {
    /** The usage type in the source's words, (none) or (other) */
    value: string
    /** value, none or other */
    kind: string
    /** Its service, or (several) */
    service: string
    /** How much was used; null for (other) (unit) */
    quantity: string | null
    /** Unit of quantity, in the source's words; empty where it says none */
    unit: string
    /** Currency of the row's costs, ISO 4217; costs of several are not added */
    currency: string
    /** What it cost (currency) */
    cost: string
    /** cost divided by quantity, rounded: an average, no price of a list (currency per unit) */
    price: number | null
    /** Lines of bills that make it up (lines) */
    lines: string
    /** Those of them that are estimates: more than 0 means that the cost may change (lines) */
    estimated_lines: string
    /** Those of bills that are not whole: more than 0 means that cost is missing (lines) */
    partial_lines: string
  }
  cost_commitments: {
    /** The dimension's value, or (none) */
    value: string
    /** Currency of the row's costs, ISO 4217; costs of several are not added */
    currency: string
    /** Usage that a commitment covers (currency) */
    covered: string
    /** What commitments cost that nothing used (currency) */
    unused: string
    /** Usage at the price of demand (currency) */
    on_demand: string
    /** Usage at the price of the spot market (currency) */
    spot: string
    /** covered of covered and on_demand (percent) */
    coverage: number | null
    /** covered of covered and unused (percent) */
    utilization: number | null
    /** Lines of bills that make it up (lines) */
    lines: string
    /** Those of them that are estimates: more than 0 means that the cost may change (lines) */
    estimated_lines: string
    /** Those of bills that are not whole: more than 0 means that cost is missing (lines) */
    partial_lines: string
  }
  cost_compare: {
    /** The dimension's value, (none) or (other) */
    value: string
    /** value, none (the cost has no value) or other (what is beyond top) */
    kind: string
    /** Name of the account or customer, where one is known */
    label: string
    /** Currency of the row's costs, ISO 4217; costs of several are not added */
    currency: string
    /** Cost in the earlier period (currency) */
    before: string
    /** Cost in the later period (currency) */
    after: string
    /** after - before (currency) */
    change: string
    /** change in percent of before; null where before is 0 (percent) */
    percent: number | null
    /** Lines of bills that make it up (lines) */
    lines: string
    /** Those of them that are estimates: more than 0 means that the cost may change (lines) */
    estimated_lines: string
    /** Those of bills that are not whole: more than 0 means that cost is missing (lines) */
    partial_lines: string
  }
  cost_converted: {
    /** The first day of the month (day (UTC)) */
    month: string
    /** aws, github, cloudflare or datadog */
    platform: string
    /** Currency of the row's costs, ISO 4217; costs of several are not added */
    currency: string
    /** What it cost (currency) */
    cost: string
    /** Currency that it is converted to */
    converted_currency: string
    /** What the days with a rate cost, converted day by day; null where none has one (converted_currency) */
    converted: string | null
    /** What the days without a rate cost: anything but 0 is missing in converted (currency) */
    unconverted: string
    /** The lowest rate that was used; 1 where nothing is to convert */
    lowest_rate: string | null
    /** The highest */
    highest_rate: string | null
    /** Lines of bills that make it up (lines) */
    lines: string
    /** Those of them that are estimates: more than 0 means that the cost may change (lines) */
    estimated_lines: string
    /** Those of bills that are not whole: more than 0 means that cost is missing (lines) */
    partial_lines: string
  }
  cost_corrections: {
    /** The first day of the month in which the usage was (day (UTC)) */
    month: string
    /** correction, refund, credit, discount, negative (a line below 0 of no other kind) or withdrawn */
    kind: string
    /** The type of charge, in the words of the bill */
    charge_type: string
    /** Account */
    account_id: string
    /** Service */
    service: string
    /** Currency of the row's costs, ISO 4217; costs of several are not added */
    currency: string
    /** What the lines come to (currency) */
    cost: string
    /** Lines of bills that make it up (lines) */
    lines: string
    /** Those of them that are estimates: more than 0 means that the cost may change (lines) */
    estimated_lines: string
    /** Those of bills that are not whole: more than 0 means that cost is missing (lines) */
    partial_lines: string
  }
  cost_effective: {
    /** The dimension's value, or (none) */
    value: string
    /** Currency of the row's costs, ISO 4217; costs of several are not added */
    currency: string
    /** Cost as billed (currency) */
    billed: string
    /** Effective (amortised) cost (currency) */
    effective: string
    /** Cost at list prices (currency) */
    list: string
    /** list - effective in percent of list (percent) */
    savings: number | null
    /** Lines that lack the effective or the list cost (lines) */
    lines_without: string
    /** Lines of bills that make it up (lines) */
    lines: string
    /** Those of them that are estimates: more than 0 means that the cost may change (lines) */
    estimated_lines: string
    /** Those of bills that are not whole: more than 0 means that cost is missing (lines) */
    partial_lines: string
  }
  cost_forecast: {
    /** The dimension's value, or (none) */
    value: string
    /** Name of the account or customer, where one is known */
    label: string
    /** The first day of the month (day (UTC)) */
    month: string
    /** Currency of the row's costs, ISO 4217; costs of several are not added */
    currency: string
    /** Cost of the month's whole days (currency) */
    to_date: string
    /** The average day, rounded to 6 digits (currency) */
    daily: string
    /** Days for which the average stands (days) */
    days_left: number
    /** to_date and days_left times daily, or what is billed of the month if that is more (currency) */
    forecast: string
    /** Cost of the month before (currency) */
    last_month: string
    /** Lines of bills that make it up (lines) */
    lines: string
    /** Those of them that are estimates: more than 0 means that the cost may change (lines) */
    estimated_lines: string
    /** Those of bills that are not whole: more than 0 means that cost is missing (lines) */
    partial_lines: string
  }
  cost_invoices: {
    /** The first day of the billing period (day (UTC)) */
    billing_period: string
    /** Source */
    source: string
    /** The account that pays */
    payer_account_id: string
    /** Who invoices, in the words of the bill */
    issuer: string
    /** The invoice, empty where the bill names none */
    invoice_id: string
    /** Currency of the row's costs, ISO 4217; costs of several are not added */
    currency: string
    /** What its lines come to (currency) */
    cost: string
    /** Lines of bills that make it up (lines) */
    lines: string
    /** Those of them that are estimates: more than 0 means that the cost may change (lines) */
    estimated_lines: string
    /** Those of bills that are not whole: more than 0 means that cost is missing (lines) */
    partial_lines: string
  }
  cost_marketplace: {
    /** The first day of the month (day (UTC)) */
    month: string
    /** github, cloudflare or datadog */
    platform: string
    /** Currency of the row's costs, ISO 4217; costs of several are not added */
    currency: string
    /** What AWS bills for it (currency) */
    marketplace_cost: string
    /** What the platform's own source reports (currency) */
    own_cost: string
    /** Both report costs of the month */
    twice: boolean
    /** Names of what AWS bills, at most 5 */
    products: string[]
    /** Lines of AWS's bill (lines) */
    marketplace_lines: string
    /** Lines of the platform's own source (lines) */
    own_lines: string
    /** Lines of either that are estimates (lines) */
    estimated_lines: string
    /** Lines of either of bills that are not whole (lines) */
    partial_lines: string
  }
  cost_movers: {
    /** The resource's ARN or the dimension's value; (none) for cost that has none */
    value: string
    /** Name of the resource, where one is known */
    label: string
    /** up, down, new (no cost before) or gone (no cost after) */
    direction: string
    /** Currency of the row's costs, ISO 4217; costs of several are not added */
    currency: string
    /** Cost in the earlier period (currency) */
    before: string
    /** Cost in the later period (currency) */
    after: string
    /** after - before (currency) */
    change: string
    /** change in percent of before; null where before is 0 (percent) */
    percent: number | null
    /** Lines of bills that make it up (lines) */
    lines: string
    /** Those of them that are estimates: more than 0 means that the cost may change (lines) */
    estimated_lines: string
    /** Those of bills that are not whole: more than 0 means that cost is missing (lines) */
    partial_lines: string
  }
  cost_series: {
    /** The first day that the row covers: a day, a Monday, or the first of a month (day (UTC)) */
    start: string
    /** The dimension's value, (none) or (other) */
    value: string
    /** value, none (the cost has no value) or other (what is beyond top) */
    kind: string
    /** Currency of the row's costs, ISO 4217; costs of several are not added */
    currency: string
    /** What it cost (currency) */
    cost: string
    /** Lines of bills that make it up (lines) */
    lines: string
    /** Those of them that are estimates: more than 0 means that the cost may change (lines) */
    estimated_lines: string
    /** Those of bills that are not whole: more than 0 means that cost is missing (lines) */
    partial_lines: string
  }
  cost_sources: {
    /** The first day of the month (day (UTC)) */
    month: string
    /** Account */
    account_id: string
    /** Currency of the row's costs, ISO 4217; costs of several are not added */
    currency: string
    /** Cost by the first source (currency) */
    first_cost: string
    /** Cost by the second source (currency) */
    second_cost: string
    /** second_cost - first_cost (currency) */
    difference: string
    /** difference in percent of first_cost; null where that is 0 (percent) */
    percent: number | null
    /** Lines of the first source (lines) */
    first_lines: string
    /** Lines of the second source (lines) */
    second_lines: string
    /** Lines of either that are estimates (lines) */
    estimated_lines: string
    /** Lines of either of bills that are not whole (lines) */
    partial_lines: string
  }
  cost_spread: {
    /** The first day that the row covers: a day, a Monday, or the first of a month (day (UTC)) */
    start: string
    /** The dimension's value, (none) or (other) */
    value: string
    /** value, none (the cost has no value) or other (what is beyond top) */
    kind: string
    /** Currency of the row's costs, ISO 4217; costs of several are not added */
    currency: string
    /** What it cost, spread (currency) */
    cost: string
    /** What of it is of lines for more than a day (currency) */
    spread: string
    /** Lines of bills of which it has all or a part (lines) */
    lines: string
    /** Those of them that are estimates: more than 0 means that the cost may change (lines) */
    estimated_lines: string
    /** Those of bills that are not whole: more than 0 means that cost is missing (lines) */
    partial_lines: string
  }
  cost_top_resources: {
    /** The resource's ARN, (none) or (other) */
    arn: string
    /** value, none or other */
    kind: string
    /** Its name, where one is known */
    resource_name: string
    /** Its type: ec2:instance */
    resource_type: string
    /** Its account */
    account_id: string
    /** Its region */
    region: string
    /** Whose it is */
    customer: string
    /** Currency of the row's costs, ISO 4217; costs of several are not added */
    currency: string
    /** What it cost (currency) */
    cost: string
    /** Its share of all that the filters leave in the currency (percent) */
    percent: number | null
    /** Lines of bills that make it up (lines) */
    lines: string
    /** Those of them that are estimates: more than 0 means that the cost may change (lines) */
    estimated_lines: string
    /** Those of bills that are not whole: more than 0 means that cost is missing (lines) */
    partial_lines: string
  }
  cost_unallocated: {
    /** Account */
    account_id: string
    /** Its name, where one is known */
    account_name: string
    /** Service */
    service: string
    /** Currency of the row's costs, ISO 4217; costs of several are not added */
    currency: string
    /** Cost without an owner (currency) */
    cost: string
    /** Its share of all that the filters leave in the currency, owned or not (percent) */
    percent: number | null
    /** Lines of bills that make it up (lines) */
    lines: string
    /** Those of them that are estimates: more than 0 means that the cost may change (lines) */
    estimated_lines: string
    /** Those of bills that are not whole: more than 0 means that cost is missing (lines) */
    partial_lines: string
  }
  resource_ancestors: {
    /** How far up; 1 is the nearest (steps) */
    depth: number
    /** The ancestor */
    ancestor_arn: string
    /** Its type; empty where it is not there now */
    resource_type: string
    /** Its name */
    resource_name: string
    /** When an event first named it as an ancestor (UTC) */
    first_seen: string
    /** When an event last did (UTC) */
    last_seen: string
  }
  resource_changes: {
    /** When the new value was seen (UTC) */
    ts: string
    /** When the value before was last seen (UTC) */
    previous: string
    /** state, name, customer, cluster, index, tag:KEY, relation:TYPE, or a property */
    field: string
    /** The value before; empty for none */
    before: string
    /** The new value; empty for none */
    after: string
    /** Which source tells it */
    source: string
    /** The event that told it */
    event_id: string
  }
  resource_cost: {
    /** The first day that the row covers (day (UTC)) */
    start: string
    /** Usage type, in the source's words */
    usage_type: string
    /** Type of charge, in the bill's words */
    charge_type: string
    /** Which source tells it */
    source: string
    /** How much was used (unit) */
    quantity: string
    /** Unit of quantity */
    unit: string
    /** Currency of the row's cost */
    currency: string
    /** What it cost (currency) */
    cost: string
    /** Lines of bills that make it up (lines) */
    lines: string
    /** Those of them that are estimates: more than 0 means that the cost may change (lines) */
    estimated_lines: string
    /** Those of bills that are not whole: more than 0 means that cost is missing (lines) */
    partial_lines: string
  }
  resource_dependents: {
    /** ARN, or ARN-like key */
    arn: string
    /** Type: ec2:instance */
    resource_type: string
    /** Name for people */
    resource_name: string
    /** Account */
    account_id: string
    /** How far down at the nearest (steps) */
    depth: number
    /** The edge by which it depends there: attached_to, or in for what is in it */
    via_type: string
    /** What it depends on there */
    via_arn: string
  }
  resource_edges: {
    /** out (from the resource) or in (to it) */
    direction: string
    /** How: attached_to, member_of, uses_role */
    type: string
    /** The other end */
    other_arn: string
    /** Type of the other end; empty where it is not there now */
    other_type: string
    /** Name of the other end */
    other_name: string
    /** Whether the other end is there now */
    other_exists: boolean
    /** When an event first named the edge (UTC) */
    first_seen: string
    /** When an event last named it (UTC) */
    last_seen: string
  }
  resource_events: {
    /** When it happened (UTC) */
    ts: string
    /** What: activity.api_call, resource.updated */
    event_type: string
    /** Which source tells it */
    source: string
    /** When a collector saw it (UTC) */
    observed_at: string
    /** When its row came into ClickHouse (UTC) */
    inserted_at: string
    /** The event */
    event_id: string
    /** Type: ec2:instance */
    resource_type: string
    /** Name for people */
    resource_name: string
    /** Account */
    account_id: string
    /** Region */
    region: string
    /** Whose it is */
    customer: string
    /** Cluster it belongs to */
    cluster: string
    /** Index it belongs to */
    index: string
    /** Who did it */
    actor: string
    /** The resource's state after it */
    state: string
    /** The API's error; empty where the call succeeded */
    error_code: string
    /** ARNs of what it is in, nearest first */
    ancestors: string[]
    /** What it relates to: the type, a space and the ARN */
    relations: string[]
    /** Its tags */
    tags: Record<string, string>
    /** Whatever else the source said */
    properties: Record<string, string>
  }
  resource_facets: {
    /** platform, account, region, service, resource_type, state, customer or cluster */
    dimension: string
    /** The dimension's value, (none) or (other) */
    value: string
    /** value, none or other */
    kind: string
    /** How many (resources) */
    resources: string
  }
  resource_get: {
    /** ARN, or ARN-like key */
    arn: string
    /** Type: ec2:instance */
    resource_type: string
    /** Name for people */
    resource_name: string
    /** Whether it is there now */
    exists: boolean
    /** Platform */
    platform: string
    /** Account */
    account_id: string
    /** The account's name */
    account_name: string
    /** What the account is for, at present */
    account_role: string
    /** Region */
    region: string
    /** Service */
    service: string
    /** Its id within its type */
    resource_id: string
    /** State, in the source's words */
    state: string
    /** Whose it is */
    customer: string
    /** The customer's tier, at present */
    customer_tier: string
    /** Cluster it belongs to */
    cluster: string
    /** Index it belongs to */
    index: string
    /** Which source spoke of it last */
    source: string
    /** When something was first said of it (UTC) */
    first_seen: string
    /** When something was last said of it (UTC) */
    last_seen: string
    /** ARNs of what it is in, nearest first */
    ancestors: string[]
    /** Its tags */
    tags: Record<string, string>
    /** Whatever else its type has */
    properties: Record<string, string>
  }
  resource_list: {
    /** ARN, or ARN-like key */
    arn: string
    /** Type: ec2:instance */
    resource_type: string
    /** Name for people */
    resource_name: string
    /** Account */
    account_id: string
    /** Region */
    region: string
    /** State, in the source's words */
    state: string
    /** Whose it is */
    customer: string
    /** Cluster it belongs to */
    cluster: string
    /** Index it belongs to */
    index: string
    /** When something was first said of it (UTC) */
    first_seen: string
    /** When something was last said of it (UTC) */
    last_seen: string
    /** Its tags */
    tags: Record<string, string>
  }
  resource_rules: {
    /** Rule: polo rules --explain RULE */
    rule: string
    /** critical, high, medium or low */
    severity: string
    /** What is wrong if it is violated */
    title: string
    /** open, exempt, unknown, resolved or clean */
    status: string
    /** What shows it, as JSON; {} for none */
    evidence: string
    /** What the rule needs and nobody read, where it is unknown */
    missing: string[]
    /** When it was first violated, as far as is known; null if it never was (UTC) */
    first_seen: string | null
    /** When it was found resolved (UTC) */
    resolved_at: string | null
    /** fixed, deleted or withdrawn */
    resolution: string
    /** How often it came back (times) */
    reopened: string
    /** Why it is exempt */
    exempt_reason: string
    /** Who exempted it */
    exempt_author: string
    /** Until when (UTC) */
    exempt_until: string | null
  }
  resource_search: {
    /** ARN, or ARN-like key */
    arn: string
    /** Type: ec2:instance */
    resource_type: string
    /** Name for people */
    resource_name: string
    /** Account */
    account_id: string
    /** Region */
    region: string
    /** State, in the source's words */
    state: string
    /** Whose it is */
    customer: string
    /** Cluster it belongs to */
    cluster: string
    /** Index it belongs to */
    index: string
    /** When something was first said of it (UTC) */
    first_seen: string
    /** When something was last said of it (UTC) */
    last_seen: string
    /** Its tags */
    tags: Record<string, string>
    /** id, name, arn or tag: where the text is */
    found_in: string
  }
  resource_timeline: {
    /** When (UTC) */
    ts: string
    /** What: activity.api_call, resource.updated */
    event_type: string
    /** The API call, where there was one */
    call: string
    /** Who did it */
    actor: string
    /** The resource's state after it */
    state: string
    /** The API's error; empty where the call succeeded */
    error_code: string
    /** Which source tells it */
    source: string
    /** The event */
    event_id: string
  }
  resources_diff: {
    /** appeared, gone or changed */
    change: string
    /** ARN, or ARN-like key */
    arn: string
    /** Type: ec2:instance */
    resource_type: string
    /** Name for people */
    resource_name: string
    /** Account */
    account_id: string
    /** Region */
    region: string
    /** Of what changed, which: state, name, customer, cluster, tags */
    changed: string[]
    /** State on the earlier day */
    state_before: string
    /** State on the later day */
    state_after: string
    /** Whose it is, on the later day where it was there */
    customer: string
  }
  resources_on_day: {
    /** ARN, or ARN-like key */
    arn: string
    /** Type: ec2:instance */
    resource_type: string
    /** Name for people */
    resource_name: string
    /** Account */
    account_id: string
    /** Region */
    region: string
    /** State, in the source's words */
    state: string
    /** Whose it was */
    customer: string
    /** Cluster it belonged to */
    cluster: string
    /** When something was last said of it by then (UTC) */
    last_seen: string
    /** Its tags */
    tags: Record<string, string>
  }
  activity_anomalies: {
    /** What is anomalous: account, service (of an account) or customer */
    grain: string
    /** The customer, if it is one */
    customer: string
    /** new, vanished, level, credit, spike or weekday */
    kind: string
    /** The anomaly's first day (day (UTC)) */
    first_day: string
    /** Its last day (day (UTC)) */
    last_day: string
    /** Currency of the row's costs, ISO 4217 */
    currency: string
    /** Excess of the anomaly (currency) */
    anomaly: string
    /** The contributor's ARN; empty for costs without one */
    arn: string
    /** Its usage type */
    usage_type: string
    /** Its account */
    account_id: string
    /** Its service */
    service: string
    /** What it cost in those days, less as many times its average of the 28 days before (currency) */
    excess: string
    /** Whether lines of those days are estimates */
    provisional: boolean
    /** Creations, updates and deletions of it since two days before (changes) */
    changes: string
    /** The last of them (UTC) */
    last_change: string | null
    /** The call that made it */
    last_call: string
    /** Who made it */
    last_actor: string
  }
  activity_by_actor: {
    /** Who: the ARN of a principal where there is one, or (none) */
    actor: string
    /** API calls and other activities (calls) */
    calls: string
    /** Calls that were not for reading only (calls) */
    writes: string
    /** Calls that ended with an error (calls) */
    failed: string
    /** Calls that were refused for lack of rights (calls) */
    denied: string
    /** Services called (services) */
    services: string
    /** Accounts called (accounts) */
    accounts: string
    /** The most frequent call */
    top_call: string
    /** The first (UTC) */
    first: string
    /** The last (UTC) */
    last: string
  }
  activity_changes: {
    /** When (UTC) */
    ts: string
    /** created, updated or deleted */
    change: string
    /** ARN, or ARN-like key */
    arn: string
    /** Type: ec2:instance */
    resource_type: string
    /** Name for people */
    resource_name: string
    /** The API call, where there was one */
    call: string
    /** Who did it */
    actor: string
    /** Account */
    account_id: string
    /** Region */
    region: string
    /** Which source tells it */
    source: string
    /** The event */
    event_id: string
  }
  activity_cost_changes: {
    /** ARN, or ARN-like key */
    arn: string
    /** Type: ec2:instance */
    resource_type: string
    /** Name for people */
    resource_name: string
    /** Account */
    account_id: string
    /** Currency of the row's costs */
    currency: string
    /** Cost in the earlier period (currency) */
    before: string
    /** Cost in the later period (currency) */
    after: string
    /** after - before (currency) */
    change: string
    /** Creations, updates and deletions of it since before_from (changes) */
    changes: string
    /** The last of them (UTC) */
    last_change: string | null
    /** The call that made it */
    last_call: string
    /** Who made it */
    last_actor: string
    /** Lines of bills that make the costs up (lines) */
    lines: string
    /** Those of them that are estimates (lines) */
    estimated_lines: string
    /** Those of bills that are not whole (lines) */
    partial_lines: string
  }
  activity_created_deleted: {
    /** ARN, or ARN-like key */
    arn: string
    /** Type: ec2:instance */
    resource_type: string
    /** Name for people */
    resource_name: string
    /** Account */
    account_id: string
    /** Region */
    region: string
    /** When it was created, in the period (UTC) */
    created_at: string | null
    /** Who created it */
    created_by: string
    /** When it was deleted, in the period (UTC) */
    deleted_at: string | null
    /** Who deleted it */
    deleted_by: string
    /** From its creation to its deletion (seconds) */
    lived: string | null
  }
  activity_denied: {
    /** Who */
    actor: string
    /** Service */
    service: string
    /** The API call */
    call: string
    /** The API's error */
    error_code: string
    /** Account */
    account_id: string
    /** How often (calls) */
    times: string
    /** On how many resources, of those that are known (resources) */
    resources: string
    /** The first (UTC) */
    first: string
    /** The last (UTC) */
    last: string
  }
  health_bills: {
    /** The first day of the billing period (day (UTC)) */
    billing_period: string
    /** Source */
    source: string
    /** The account that pays */
    payer_account_id: string
    /** The member whose report it is; empty for the payer's own */
    report_account: string
    /** The delivery */
    delivery: string
    /** whole, partial or arriving */
    state: string
    /** Why it is partial */
    reason: string
    /** Whether the bill counts from it */
    counts: boolean
    /** Lines that have arrived (lines) */
    lines: string
    /** Lines that it has, where it says so (lines) */
    expected: string | null
    /** When it was read (UTC) */
    observed_at: string
  }
  health_coverage_gaps: {
    /** Source */
    source: string
    /** Account */
    account_id: string
    /** Its name, where one is known */
    account_name: string
    /** Region; empty is all */
    region: string
    /** Resource type, call or bill; empty is all of it */
    what: string
    /** denied, throttled, unreachable, disabled, deadline, budget, invalid, partial, arriving or failed */
    reason: string
    /** The source's error */
    error_code: string
    /** Since when (UTC) */
    first_gap: string
    /** When it was last tried (UTC) */
    last_gap: string
    /** When it was last read whole; null for never (UTC) */
    last_completed: string | null
  }
  health_freshness: {
    /** Source */
    source: string
    /** Events of those days (events) */
    events: string
    /** The time of its latest event (UTC) */
    last_event: string | null
    /** When a collector last saw something of it (UTC) */
    last_observed: string | null
    /** When a row of it last came into ClickHouse (UTC) */
    last_inserted: string | null
    /** From that until the present (seconds) */
    silent: string | null
    /** From an event's time (for a period, its end) to its row: the half took less (seconds) */
    lag_median: number | null
    /** The same: 95 of 100 took less (seconds) */
    lag_p95: number | null
    /** When a scan of it last completed; null where it has none (UTC) */
    last_completed: string | null
  }
  health_idle: {
    /** ARN, or ARN-like key */
    arn: string
    /** Type: ec2:instance */
    resource_type: string
    /** Name for people */
    resource_name: string
    /** Account */
    account_id: string
    /** Region */
    region: string
    /** unattached, unassociated, stopped, low CPU or unused */
    reason: string
    /** What shows it */
    detail: string
    /** When something was last said of the resource: it may be idle for longer (UTC) */
    since: string
    /** Currency of the cost; empty where none is known */
    currency: string
    /** What it cost in those days; null where no bill names it (currency) */
    cost: string | null
    /** Lines of the cost that are estimates (lines) */
    estimated_lines: string
    /** Lines of the cost of bills that are not whole (lines) */
    partial_lines: string
  }
  health_ingest_failures: {
    /** Source */
    source: string
    /** Runs that ended (runs) */
    runs: string
    /** Those that left something unread (runs) */
    runs_with_gaps: string
    /** Events that they published (events) */
    events: string
    /** Events that they sent to the dead-letter queue (events) */
    rejected: string
    /** What they could not read (gaps) */
    gaps: string
    /** Accounts and regions that they had no time for (scopes) */
    unread: string
    /** Requests that the source throttled (requests) */
    throttles: string
    /** The scheduled time of the last (UTC) */
    last_run: string
    /** complete or with_gaps */
    last_state: string
    /** The last run's gaps by reason, as JSON */
    last_gaps: string
  }
  health_scans: {
    /** resources or costs */
    kind: string
    /** Source of the costs; empty for resources */
    source: string
    /** Account */
    account_id: string
    /** Its name, where one is known */
    account_name: string
    /** Region; * for all, empty for costs */
    region: string
    /** Type of the resources; empty for costs */
    resource_type: string
    /** When it was last read to its end; null for never (UTC) */
    last_scan: string | null
    /** From that until the present (seconds) */
    age: string | null
    /** When something was last said of what is in it (UTC) */
    last_event: string | null
    /** Of costs: the day after the last that was ever read to its end (day (UTC)) */
    covered_until: string | null
  }
  health_tag_coverage: {
    /** The dimension's value, or (none) */
    value: string
    /** How many there are (resources) */
    resources: string
    /** How many have the tag, with a value (resources) */
    tagged: string
    /** tagged of resources (percent) */
    coverage: number
    /** The ARN of one that lacks it */
    example: string
  }
  rule_violations: {
    /** critical, high, medium or low */
    severity: string
    /** Rule: polo rules --explain RULE */
    rule: string
    /** What is wrong */
    title: string
    /** open, exempt, unknown or resolved */
    status: string
    /** ARN, or ARN-like key */
    arn: string
    /** Name for people */
    resource_name: string
    /** Type: ec2:instance */
    resource_type: string
    /** Account */
    account_id: string
    /** Region */
    region: string
    /** Customer; empty if it has no owner */
    customer: string
    /** What shows it, as JSON */
    evidence: string
    /** When it was first violated, as far as is known (UTC) */
    first_seen: string
    /** When the resource was last seen so (UTC) */
    last_seen: string
    /** When it was found resolved (UTC) */
    resolved_at: string | null
    /** fixed, deleted or withdrawn */
    resolution: string
    /** How often it came back (times) */
    reopened: string
    /** Why it is exempt */
    exempt_reason: string
    /** Who exempted it */
    exempt_author: string
    /** Until when (UTC) */
    exempt_until: string | null
  }
  rules: {
    /** Rule: polo rules --explain RULE */
    rule: string
    /** critical, high, medium or low */
    severity: string
    /** What is wrong if it is violated */
    title: string
    /** Resources that violate it, exempt ones included (resources) */
    violated: string
    /** Resources that do not (resources) */
    clean: string
    /** Resources that it cannot judge (resources) */
    unknown: string
    /** What it needs and nobody read of those: properties, and types that were not read to their end */
    missing: string[]
  }
  alert_history: {
    /** The evaluation that changed it (UTC) */
    time: string
    /** Alert */
    alert: string
    /** critical, high, medium or low */
    severity: string
    /** What is wrong */
    title: string
    /** The state before; empty if it was never found */
    before: string
    /** The state after: pending, firing, recovering, resolved, ok, error or no_data */
    state: string
    /** In a row that found it while pending, or did not while recovering (evaluations) */
    count: number
    /** Why it ended: absent, or withdrawn (the alert is no longer evaluated) */
    reason: string
    /** Account that it is about; empty for none or several */
    account_id: string
    /** Key of the resource that it is about; empty for none */
    arn: string
    /** What identifies it */
    labels: Record<string, string>
    /** What was found then */
    values: Record<string, string>
    /** Episode; empty while it does not fire */
    episode: string
    /** What the alert and its labels identify */
    fingerprint: string
  }
  alert_notifications: {
    /** When it was last intended, sent or failed (UTC) */
    changed_at: string
    /** Alert */
    alert: string
    /** What it tells: firing or resolved */
    transition: string
    /** Channel, as the configuration names it */
    channel: string
    /** intended, sent, failed, or silenced (withheld by a silence) */
    state: string
    /** Why it failed */
    error: string
    /** 0, or which reminder it is */
    repetition: number
    /** In the last run that tried (requests) */
    attempts: number
    /** Whether its last request was marked as one that may have been sent before */
    marked_repeated: boolean
    /** Whether it may have arrived, though it is not known as sent */
    uncertain: boolean
    /** When the episode began to fire, or was resolved (UTC) */
    time: string
    /** Episode that it tells of */
    episode: string
    /** What the alert and its labels identify */
    fingerprint: string
    /** The message that it was a part of */
    message: string
  }
  alert_runs: {
    /** When it was due (UTC) */
    scheduled: string
    /** finished, yielded (another run had the turn) or claimed (no end of it is known) */
    state: string
    /** Evaluated (alerts) */
    alerts: number
    /** Those that could not be evaluated (alerts) */
    errors: number
    /** Under way at its end (episodes) */
    open: number
    /** Sent (notifications) */
    sent: number
    /** That could not be sent (notifications) */
    failed: number
    /** Withheld by a silence (notifications) */
    silenced: number
    /** Whether all that it sent was marked as repeated, because the run before has no end */
    repeated: boolean
    /** When it ended; null if no end is known (UTC) */
    ended_at: string | null
    /** Its token */
    run: string
  }
  alert_silences: {
    /** active, scheduled (before its start), expired or revoked */
    state: string
    /** Alerts that it silences: * stands for any text */
    alert: string
    /** Labels that they must have: * stands for any text */
    labels: Record<string, string>
    /** Who silenced them */
    author: string
    /** Why */
    reason: string
    /** From when (UTC) */
    starts: string
    /** Until when (UTC) */
    expires: string
    /** Who revoked it; empty if nobody did */
    changed_by: string
    /** Its id: polo alerts unsilence ID */
    silence: string
  }
  alerts: {
    /** critical, high, medium or low */
    severity: string
    /** Alert: polo alerts --explain ALERT */
    alert: string
    /** What is wrong */
    title: string
    /** pending, firing, recovering, resolved, ok (it did not last long enough to fire), error (it cannot be evaluated) or no_data */
    state: string
    /** When it came into this state (UTC) */
    since: string
    /** When the episode began to fire; null if it did not (UTC) */
    fired_at: string | null
    /** Account that it is about; empty for none or several */
    account_id: string
    /** Key of the resource that it is about; empty for none */
    arn: string
    /** What identifies it */
    labels: Record<string, string>
    /** What was found when the state changed */
    values: Record<string, string>
    /** By channel: the last notification's state, intended, sent, failed or silenced */
    told: Record<string, string>
    /** By channel: when the last notification came into that state, UTC */
    told_at: Record<string, string>
    /** By channel: why the last notification failed */
    told_errors: Record<string, string>
    /** Why it ended: absent, or withdrawn (the alert is no longer evaluated) */
    reason: string
    /** In a row that found it while pending, or did not while recovering (evaluations) */
    count: number
    /** The evaluation that last changed it (UTC) */
    changed_at: string
    /** From its first firing evaluation to its end; empty if it did not fire */
    episode: string
    /** What the alert and its labels identify */
    fingerprint: string
  }
  accounts: {
    /** Account */
    account_id: string
    /** Its name */
    name: string
    /** What it is for: production, staging */
    role: string
    /** Its address */
    email: string
    /** Its organisational units */
    ou_path: string
    /** Platform */
    platform: string
    /** Whose it is */
    customer: string
    /** State, in the source's words */
    state: string
    /** When something was last said of it (UTC) */
    last_observed: string
    /** Its tags */
    tags: Record<string, string>
  }
  customers: {
    /** Customer, as tags name it */
    customer: string
    /** Its name */
    name: string
    /** Its tier */
    tier: string
    /** Whom to ask */
    contact: string
    /** What it may cost in a month, with its currency; empty if nothing was said */
    budget: string
    /** Whether something was said of it by hand */
    known: boolean
    /** When something was last said of it by hand (UTC) */
    last_observed: string | null
    /** Its resources that are there now (resources) */
    resources: string
  }
  dimension_values: {
    /** The value; none is left out */
    value: string
    /** Resources that are there now and have it (resources) */
    resources: string
    /** Lines of bills in the period that have it (lines) */
    lines: string
  }
  fx_rates: {
    /** Currency that is converted, ISO 4217 */
    currency: string
    /** Currency that it is converted to */
    target: string
    /** The first day that the rate is for (day (UTC)) */
    day: string
    /** What one unit of currency is worth, in target */
    rate: string
    /** Who set it */
    author: string
    /** When (UTC) */
    observed_at: string
  }
  tag_keys: {
    /** The key */
    key: string
    /** Resources that are there now and have it (resources) */
    resources: string
    /** Lines of bills in the period that have it (lines) */
    lines: string
  }
  tag_values: {
    /** The value */
    value: string
    /** Resources that are there now and have it (resources) */
    resources: string
  }
}
