-- title: Repository whose images are not scanned
-- version: 1
-- group: security
-- severity: low
-- text: Known holes in images go unnoticed.
-- remedy: Turn on scanning on push, or enhanced scanning of the registry.
-- type: ecr:repository
-- need: scan_on_push
-- column: repository_uri String | Address

SELECT
    properties['scan_on_push'] = 'false' AS violated,
    properties['repository_uri'] AS repository_uri
FROM polo.rule_resources
