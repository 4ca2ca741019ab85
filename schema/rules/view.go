package rules

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"polo/schema/queries"
)

// View returns the file of the view rule_findings: it judges every resource by all given rules in one
// pass over rule_resources, and every customer in one over rule_customers. Planning is most of what it
// costs, so that what rules have in common stands outside of them.
func View(all []Rule) string {
	var resources, customers []Rule
	for _, r := range all {
		if r.from == fromCustomers {
			customers = append(customers, r)
		} else {
			resources = append(resources, r)
		}
	}
	return viewHead + selection(all, fromResources, byType(resources)) + "UNION ALL\n" + selection(all, fromCustomers, "["+listOf(customers, "")+"\n        ]") +
		"COMMENT 'One row for each resource and rule that judges it: violated, clean, or unknown where what the rule needs was not read'\n"
}

// settings are what was set by hand. ClickHouse repeats the clause in each part of a UNION, and Check
// compares texts.
const settings = "WITH (SELECT CAST(groupArray((concat(rule, '.', parameter), value)), 'Map(String, String)') FROM polo.rule_settings FINAL WHERE value != '') AS settings\n"

// selection returns the SELECT that judges what is in a view. Each finding is a rule, whether it is
// violated (NULL if it cannot tell), the evidence, and what it lacks.
func selection(all []Rule, from, findings string) string {
	var ids, versions, severities, titles []string
	for _, r := range all {
		ids, versions = append(ids, quote(r.ID)), append(versions, fmt.Sprint(r.Version))
		severities, titles = append(severities, quote(r.Severity)), append(titles, quote(r.Title))
	}
	of := func(what []string, otherwise string) string {
		return fmt.Sprintf("transform(finding.1, [%s], [%s], %s)", strings.Join(ids, ", "), strings.Join(what, ", "), otherwise)
	}
	names := []string{"arn", "platform", "account_id", "account_role", "region", "service", "resource_type", "resource_id", "resource_name", "marqo_customer", "marqo_cluster", "marqo_index", "first_ts", "last_ts"}
	var b strings.Builder
	b.WriteString(settings + "SELECT\n    finding.1 AS rule,\n    toUInt32(" + of(versions, "0") + ") AS version,\n")
	b.WriteString("    multiIf(notEmpty(finding.4) OR finding.2 IS NULL, 'unknown', finding.2 = 1, 'violated', 'clean') AS answer,\n")
	b.WriteString("    " + of(severities, "''") + " AS severity,\n    " + of(titles, "''") + " AS title,\n")
	for _, name := range names {
		b.WriteString("    judged." + name + " AS " + name + ",\n")
	}
	b.WriteString("    finding.3 AS evidence, finding.4 AS missing\nFROM\n(\n    SELECT\n        " + strings.Join(names, ", ") + ",\n        arrayJoin(" + findings + ") AS finding\n    FROM " + from + "\n) AS judged\n")
	b.WriteString("WHERE settings[concat(finding.1, '.enabled')] != 'false'\n")
	return b.String()
}

// manyTypes is from how many types on a rule stands once, and not with each of its types.
const manyTypes = 4

// byType returns the findings about a resource, by its type.
func byType(all []Rule) string {
	byTypes := map[string][]Rule{}
	var general []string
	for _, r := range all {
		if len(r.Types) >= manyTypes {
			general = append(general, fmt.Sprintf("if(resource_type IN (%s), [%s], [])", quoted(r.Types), r.finding("")))
			continue
		}
		for _, typ := range r.Types {
			byTypes[typ] = append(byTypes[typ], r)
		}
	}
	var b strings.Builder
	b.WriteString("arrayConcat(\n            multiIf(\n")
	for _, typ := range slices.Sorted(maps.Keys(byTypes)) {
		fmt.Fprintf(&b, "                resource_type = %s,\n                [%s\n                ],\n", quote(typ), listOf(byTypes[typ], typ))
	}
	b.WriteString("                []),\n            " + strings.Join(general, ",\n            ") + ")")
	return b.String()
}

// listOf returns the findings of rules about a type as the items of an array.
func listOf(all []Rule, typ string) string {
	out := make([]string, 0, len(all))
	for _, r := range all {
		out = append(out, "\n                    "+r.finding(typ))
	}
	return strings.Join(out, ",")
}

// finding returns the tuple that a rule makes of a resource of a type.
func (r Rule) finding(typ string) string {
	var needs, evidence, missing []string
	for _, p := range r.Needs {
		if p.Type == "" || p.Type == typ {
			needs = append(needs, p.Name)
		}
	}
	if needs != nil {
		missing = append(missing, fmt.Sprintf("arrayFilter(n -> NOT mapContains(properties, n), [%s])", quoted(needs)))
	}
	if r.Scans != nil {
		missing = append(missing, fmt.Sprintf("arrayFilter(n -> NOT arrayExists(s -> s.1 = n AND s.2 >= first_ts, scans), [%s])", quoted(r.Scans)))
	}
	lacks := "CAST([], 'Array(String)')"
	switch len(missing) {
	case 1:
		lacks = missing[0]
	case 2:
		lacks = "arrayConcat(" + strings.Join(missing, ", ") + ")"
	}
	for _, e := range r.evidence {
		evidence = append(evidence, quote(e.name)+", toString("+e.sql+")")
	}
	return r.bound(fmt.Sprintf("(%s, CAST(%s, 'Nullable(UInt8)'), map(%s), %s)", quote(r.ID), r.violated, strings.Join(evidence, ", "), lacks))
}

var (
	parameter = regexp.MustCompile(`\{(\w+):([^{}]+)\}`)
	decimals  = regexp.MustCompile(`^Decimal\((\d+), (\d+)\)$`)
)

// bound replaces parameters by their setting, or their default.
func (r Rule) bound(sql string) string {
	return parameter.ReplaceAllStringFunc(sql, func(text string) string {
		m := parameter.FindStringSubmatch(text)
		for _, p := range r.Params {
			if p.Name == m[1] {
				return value(r.ID+"."+p.Name, p)
			}
		}
		return text
	})
}

// value is the SQL of a setting's value.
func value(name string, p queries.Param) string {
	text := fmt.Sprintf("if(settings[%[1]s] = '', %[2]s, settings[%[1]s])", quote(name), quote(p.Default))
	switch m := decimals.FindStringSubmatch(p.Type); {
	case strings.HasPrefix(p.Type, "Array"):
		return "arrayFilter(v -> v != '', splitByChar(',', " + text + "))"
	case p.Type == "String":
		return text
	case m != nil:
		return "toDecimal64(" + text + ", " + m[2] + ")"
	case p.Type == "Bool":
		return "(" + text + " = 'true')"
	}
	return "to" + p.Type + "(" + text + ")"
}

func quoted(texts []string) string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = quote(text)
	}
	return strings.Join(out, ", ")
}

// quote returns a string literal.
func quote(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
}

const viewHead = `-- rule_findings: what each rule answers about each resource that it judges, at this moment.
--
-- Made of schema/rules by go test ./schema/rules -run TestView -update.

CREATE OR REPLACE VIEW polo.rule_findings{{on_cluster}}
(
    rule String COMMENT 'Rule: polo rules --explain says what it judges',
    version UInt32 COMMENT 'Version of the rule',
    answer String COMMENT 'violated, clean, or unknown where what the rule needs was not read',
    severity String COMMENT 'critical, high, medium or low',
    title String COMMENT 'What is wrong if it is violated, in a line',
    arn String COMMENT 'Key of the resource, or customer: and a name',
    platform String COMMENT 'aws, github, cloudflare or datadog',
    account_id String COMMENT 'Account, with its leading zeros',
    account_role String COMMENT 'What the account is for at present: production, staging',
    region String COMMENT 'Region: eu-west-1',
    service String COMMENT 'Service, as in the ARN: ec2',
    resource_type String COMMENT 'service:type: ec2:instance, s3:bucket',
    resource_id String COMMENT 'Id in its service',
    resource_name String COMMENT 'Name for people',
    marqo_customer String COMMENT 'Customer it belongs to, from its tags',
    marqo_cluster String COMMENT 'Cluster it belongs to, from its tags',
    marqo_index String COMMENT 'Index it belongs to, from its tags',
    first_ts DateTime64(3, 'UTC') COMMENT 'Time of the first event of the resource, UTC',
    last_ts DateTime64(3, 'UTC') COMMENT 'Time of its last event, UTC',
    evidence Map(String, String) COMMENT 'What the rule found, by name',
    missing Array(String) COMMENT 'What the rule needs and nobody read: properties of the resource, and types that were not read to their end'
)
AS `
