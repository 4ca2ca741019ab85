package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"polo/schema/queries"
)

var (
	parameter = regexp.MustCompile(`\{(\w+):([^{}]+)\}`)
	decimals  = regexp.MustCompile(`^Decimal\((\d+), (\d+)\)$`)
)

// settings are what was set by hand. ClickHouse repeats the clause in each part of a UNION, and Check compares texts.
const settings = "WITH (SELECT CAST(groupArray((concat(rule, '.', parameter), value)), 'Map(String, String)') FROM polo.rule_settings FINAL WHERE value != '') AS settings\n"

// Findings returns the SELECT of the view rule_findings: it judges every resource by all rules in
// one pass over rule_resources, and every customer in one over rule_customers.
func Findings(all []Rule) string {
	byTypes := map[string][]Rule{}
	var order []string
	var customers []Rule
	for _, r := range all {
		if r.from == fromCustomers {
			customers = append(customers, r)
			continue
		}
		for _, typ := range r.Types {
			if byTypes[typ] == nil {
				order = append(order, typ)
			}
			byTypes[typ] = append(byTypes[typ], r)
		}
	}
	slices.Sort(order)
	var b strings.Builder
	b.WriteString(settings + "SELECT\n" + columns("judged.", "    ") + "\nFROM\n(\n    SELECT\n" + identity("        ") + ",\n        arrayJoin(arrayConcat(\n            multiIf(\n")
	for _, typ := range order {
		fmt.Fprintf(&b, "                resource_type = %s,\n                [\n", quote(typ))
		b.WriteString(list(byTypes[typ], typ) + "\n                ],\n")
	}
	b.WriteString("                []),\n            [\n")
	var general []Rule
	for _, r := range all {
		if r.from == fromResources && len(r.Types) == 0 {
			general = append(general, r)
		}
	}
	b.WriteString(list(general, "") + "\n            ])) AS finding\n    FROM " + fromResources + "\n) AS judged\nWHERE finding.3 != ''\n")
	if len(customers) > 0 {
		b.WriteString("UNION ALL\n" + settings + "SELECT\n" + columns("judged.", "    ") + "\nFROM\n(\n    SELECT\n" + identity("        ") + ",\n        arrayJoin([\n" + list(customers, "") + "\n        ]) AS finding\n    FROM " + fromCustomers + "\n) AS judged\nWHERE finding.3 != ''\n")
	}
	return b.String()
}

// identity are the columns that say which resource is judged.
func identity(indent string) string {
	names := []string{"arn", "platform", "account_id", "account_role", "region", "service", "resource_type", "resource_id", "resource_name", "marqo_customer", "marqo_cluster", "marqo_index", "first_ts", "last_ts"}
	return indent + strings.Join(names, ",\n"+indent)
}

// columns are those of the view.
func columns(prefix, indent string) string {
	out := []string{"finding.1 AS rule", "finding.2 AS version", "finding.3 AS answer", "finding.4 AS severity", "finding.5 AS title"}
	for _, name := range strings.Fields(strings.ReplaceAll(identity(""), ",", "")) {
		out = append(out, prefix+name+" AS "+name)
	}
	return indent + strings.Join(append(out, "finding.6 AS evidence", "finding.7 AS missing"), ",\n"+indent)
}

// list returns the findings of rules as the items of an array.
func list(all []Rule, typ string) string {
	out := make([]string, 0, len(all))
	for _, r := range all {
		out = append(out, "                    "+r.finding(typ))
	}
	return strings.Join(out, ",\n")
}

// finding returns the tuple that a rule makes of a resource: rule, version, answer, severity, title,
// evidence, and what is missing for it to judge. The answer is empty where the rule does not judge.
func (r Rule) finding(typ string) string {
	var missing, evidence []string
	for _, p := range r.Needs {
		if p.Type == "" || p.Type == typ {
			missing = append(missing, fmt.Sprintf("if(mapContains(properties, %[1]s), '', %[1]s)", quote(p.Name)))
		}
	}
	for _, scan := range r.Scans {
		missing = append(missing, fmt.Sprintf("if(arrayExists(s -> s.1 = %[1]s AND s.2 >= first_ts, scans), '', %[1]s)", quote(scan)))
	}
	lacks := "CAST([], 'Array(String)')"
	if missing != nil {
		lacks = "arrayFilter(m -> m != '', [" + strings.Join(missing, ", ") + "])"
	}
	for _, e := range r.evidence {
		evidence = append(evidence, quote(e.name)+", toString("+e.sql+")")
	}
	shown := "CAST(map(), 'Map(String, String)')"
	if evidence != nil {
		shown = "CAST(map(" + strings.Join(evidence, ", ") + "), 'Map(String, String)')"
	}
	applies := fmt.Sprintf("settings[%s] != 'false'", quote(r.ID+".enabled"))
	if r.where != "" {
		applies += " AND (" + r.where + ")"
	}
	answer := fmt.Sprintf("multiIf(NOT (%s), '', notEmpty(%s) OR (%s) IS NULL, 'unknown', assumeNotNull(%s), 'violated', 'clean')", applies, lacks, r.violated, r.violated)
	if missing == nil {
		answer = fmt.Sprintf("multiIf(NOT (%s), '', (%s) IS NULL, 'unknown', assumeNotNull(%s), 'violated', 'clean')", applies, r.violated, r.violated)
	}
	return r.bound(fmt.Sprintf("(%s, %d::UInt32, %s, %s, %s, %s, %s)", quote(r.ID), r.Version, answer, quote(r.Severity), quote(r.Title), shown, lacks))
}

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
	text := fmt.Sprintf("if(mapContains(settings, %[1]s), settings[%[1]s], %[2]s)", quote(name), quote(p.Default))
	switch m := decimals.FindStringSubmatch(p.Type); {
	case strings.HasPrefix(p.Type, "Array"):
		return "splitByChar(',', " + text + ")"
	case p.Type == "String":
		return text
	case m != nil:
		return "toDecimal64(" + text + ", " + m[2] + ")"
	case p.Type == "Bool":
		return "(" + text + " = 'true')"
	}
	return "to" + p.Type + "(" + text + ")"
}

// quote returns a string literal.
func quote(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
}

// View returns the file of the view rule_findings, which judges by the given rules.
func View(all []Rule) string {
	return viewHead + Findings(all) + "COMMENT 'One row for each resource and rule that judges it: violated, clean, or unknown where what the rule needs was not read'\n"
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
