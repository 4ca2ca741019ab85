package awscatalog_test

import (
	"os"
	"strings"
	"testing"

	"polo/producers/awscatalog"
)

func TestServiceNames(t *testing.T) {
	t.Parallel()
	type name func(string) string
	ofBill := func(name string) string {
		service, _ := awscatalog.ServiceOfBill(name)
		return service
	}
	for _, tc := range []struct {
		of       name
		in, want string
	}{
		{awscatalog.ServiceOfEventSource, "monitoring", "cloudwatch"},
		{awscatalog.ServiceOfEventSource, "email", "ses"},
		{awscatalog.ServiceOfEventSource, "servicecatalog", "catalog"},
		{awscatalog.ServiceOfEventSource, "glue", "glue"},
		{ofBill, "AmazonEC2", "ec2"},
		{ofBill, "EC2 - Other", "ec2"},
		{ofBill, "AmazonCloudWatch ", "cloudwatch"},
		{ofBill, "AWSELB", "elasticloadbalancing"},
		{ofBill, "AWS Glue", "glue"},
		{ofBill, "AWSGlue", "glue"},
		{ofBill, "Red Hat OpenShift Service on AWS", "red-hat-openshift-service-on-aws"},
		{awscatalog.ServiceOfNamespace, "AWS/EBS", "ec2"},
		{awscatalog.ServiceOfNamespace, "AWS/Glue", "glue"},
		{awscatalog.ServiceOfNamespace, "shop", ""},
		{awscatalog.RegionOfZone, "eu-west-1a", "eu-west-1"},
		{awscatalog.RegionOfZone, "us-west-2-lax-1a", "us-west-2"},
		{awscatalog.RegionOfZone, "us-east-1-wl1-bos-wlz-1", "us-east-1"},
		{awscatalog.RegionOfZone, "us-gov-west-1b", "us-gov-west-1"},
		{awscatalog.RegionOfZone, "eu-west-1", ""},
		{awscatalog.RegionOfZone, "NoAZ", ""},
		{awscatalog.RegionOfZone, "use1-az1", ""},
		{awscatalog.RegionOfLocation, "EU (Ireland)", "eu-west-1"},
		{awscatalog.RegionOfLocation, "Any", ""},
	} {
		if got := tc.of(tc.in); got != tc.want {
			t.Errorf("%q is %q, want %q", tc.in, got, tc.want)
		}
	}
	for s, want := range map[string]bool{"eu-west-1": true, "us-iso-east-1": true, "global": false, "NoRegion": false, "eu-west-1a": false, "": false, "a-1": false, "us--1": false} {
		if awscatalog.IsRegion(s) != want {
			t.Errorf("%q is a region: %t, want %t", s, !want, want)
		}
	}
}

// Every line of a table is parsed, and no name stands for two services or regions.
func TestNameTablesAreValid(t *testing.T) {
	t.Parallel()
	for file, columns := range map[string]int{"services.txt": 4, "locations.txt": 2} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[[2]string]string{}
		for line := range strings.Lines(string(text)) {
			if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
				continue
			}
			cells := strings.Split(strings.TrimSpace(line), "|")
			if len(cells) != columns {
				t.Errorf("%s: %d columns in %q", file, len(cells), line)
				continue
			}
			for i, cell := range cells {
				for name := range strings.SplitSeq(cell, ";") {
					key := [2]string{string(rune('0' + i)), strings.TrimSpace(name)}
					if key[1] != "" && seen[key] != "" {
						t.Errorf("%s: %q belongs to %s and to %s", file, key[1], seen[key], cells[0])
					}
					seen[key] = strings.TrimSpace(cells[0])
				}
			}
		}
	}
}
