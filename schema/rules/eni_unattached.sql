-- title: Network interface attached to nothing
-- version: 1
-- group: cost
-- severity: low
-- text: What is left of something deleted takes up addresses and limits.
-- remedy: Delete it.
-- type: ec2:network-interface
-- need: private_ip_address
-- column: description String | What made it

SELECT
    state = 'available' AS violated,
    properties['description'] AS description
FROM polo.rule_resources
