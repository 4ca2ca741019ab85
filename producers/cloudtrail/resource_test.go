package cloudtrail_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/producers/cloudtrail"
)

func TestDescribeARN(t *testing.T) {
	t.Parallel()
	for arn, want := range map[string]cloudtrail.Resource{
		instance:                               {Type: "ec2:instance", ID: "i-0123456789abcdef0", Name: "i-0123456789abcdef0"},
		"arn:aws:s3:::b-example":               {Type: "s3:bucket", ID: "b-example", Name: "b-example"},
		"arn:aws:s3:::b-example/a/b.txt":       {Type: "s3:object", ID: "b-example/a/b.txt", Name: "a/b.txt"},
		"arn:aws:iam::111122223333:role/a/w":   {Type: "iam:role", ID: "a/w", Name: "w"},
		root:                                   {Type: "iam:root", ID: "111122223333", Name: "111122223333"},
		"arn:aws:sqs:eu-west-1:111122223333:q": {Type: "sqs:queue", ID: "q", Name: "q"},
		"arn:aws:lambda:eu-west-1:111122223333:function:f:live":                         {Type: "lambda:function", ID: "f:live", Name: "f"},
		"arn:aws:secretsmanager:eu-west-1:111122223333:secret:app/db-AbCdEf":            {Type: "secretsmanager:secret", ID: "app/db-AbCdEf", Name: "app/db"},
		"arn:aws:ssm:eu-west-1:111122223333:parameter/app/db":                           {Type: "ssm:parameter", ID: "app/db", Name: "/app/db"},
		"arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/50dc": {Type: "elasticloadbalancing:loadbalancer", ID: "app/web/50dc", Name: "web"},
		"arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/50dc":      {Type: "elasticloadbalancing:targetgroup", ID: "web/50dc", Name: "web"},
		"arn:aws:apigateway:eu-west-1::/restapis/abc123/stages/prod":                    {Type: "apigateway:stages", ID: "abc123/stages/prod", Name: "prod"},
		"arn:aws:appmesh:eu-west-1:111122223333:mesh/m/virtualNode/n":                   {Type: "appmesh:virtualNode", ID: "m/virtualNode/n", Name: "n"},
		"arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/f:*":                 {Type: "logs:log-group", ID: "/aws/lambda/f", Name: "/aws/lambda/f"},
		"arn:aws:cloudformation:eu-west-1:111122223333:stack/web/5f0c":                  {Type: "cloudformation:stack", ID: "web/5f0c", Name: "web"},
		"arn:aws:glue:eu-west-1:111122223333:catalog":                                   {Type: "glue:catalog", ID: "111122223333", Name: "111122223333"},
		"arn:aws:dynamodb:eu-west-1:111122223333:table/t/index/i":                       {Type: "dynamodb:index", ID: "t/index/i", Name: "i"},
	} {
		a, err := envelope.ParseARN(arn)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, cloudtrail.DescribeARN(a)); d != "" {
			t.Errorf("%s (-want +got):\n%s", arn, d)
		}
	}
}
