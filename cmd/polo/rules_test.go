package main

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"polo/internal/cli"
	"polo/schema/rules"
)

func TestRulesList(t *testing.T) {
	t.Parallel()
	out, _, err := polo(t, "rules")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules.All() {
		if !strings.Contains(out, "  "+r.ID+" ") {
			t.Errorf("the list lacks %s", r.ID)
		}
	}
	for line := range strings.Lines(out) {
		if utf8.RuneCountInString(line) > 101 {
			t.Errorf("a line is longer than 100: %s", line)
		}
	}
	out, _, err = polo(t, "rules", "--explain", "sg_open_admin")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"critical", "REMEDY", "ports Array(String)", "ec2:security-group", "FROM polo.rule_resources"} {
		if !strings.Contains(out, part) {
			t.Errorf("--explain lacks %q:\n%s", part, out)
		}
	}
}

func TestRulesUsage(t *testing.T) {
	t.Parallel()
	for args, says := range map[string]string{
		"--explain no_such":                                                `there is no rule "no_such"`,
		"set no_such days=1 --author a":                                    `there is no rule "no_such"`,
		"set rds_backup_short days=36 --author a":                          `days: "36" is not from 1 to 35`,
		"set rds_backup_short dys=3 --author a":                            "dys: there is none of that name",
		"set rds_backup_short enabled=perhaps --author a":                  "neither true nor false",
		"exempt eip_idle --reason x --author a --until 2099-01-01":         "--arn or --account says what",
		"exempt eip_idle --arn * --reason x --author a --until 2020-01-01": "--until is over",
		"exempt nothing --arn * --reason x --author a --until 2099-01-01":  `there is no rule "nothing"`,
		"exempt eip_idle --arn * --reason x --until 2099-01-01":            "--author",
	} {
		_, _, err := polo(t, append([]string{"rules"}, strings.Fields(args)...)...)
		var code cli.Error
		if !errors.As(err, &code) || code.Code != cli.ExitUsage || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: error %v, want one of usage that says %q", args, err, says)
		}
	}
}
