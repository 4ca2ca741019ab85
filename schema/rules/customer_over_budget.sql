-- title: Customer over budget
-- version: 1
-- group: cost
-- severity: high
-- text: What a customer costs this month is more than was agreed.
-- remedy: Ask cost_movers what grew; raise the budget with polo meta set customer ID budget=, or act.
-- param: percent UInt16 | default 100 | min 1 | max 1000 | More than so many hundredths of the budget
-- column: cost Decimal(76, 38) | currency | What it has cost this month
-- column: budget Decimal(38, 9) | currency | The budget of a month
-- column: currency String | Currency of both

SELECT
    cost > budget * {percent:UInt16} / 100 AS violated,
    cost AS cost,
    budget AS budget,
    currency AS currency
FROM polo.rule_customers
