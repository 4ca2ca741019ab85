// Package recorded brings answers of AWS's APIs into the stream that somebody saved:
// files of botocore's recorder, what the AWS CLI printed, or an SDK's answers as JSON. A
// file's name tells the call: "ec2.DescribeInstances_1.json", "ec2.describe-instances.json",
// "ce.get-cost-and-usage_1.json".
package recorded
