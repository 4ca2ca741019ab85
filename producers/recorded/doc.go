// Package recorded ingests saved responses of AWS's APIs: files of botocore's recorder,
// output of the AWS CLI, or an SDK's responses as JSON. A file's name states the call:
// "ec2.DescribeInstances_1.json", "ec2.describe-instances.json",
// "ce.get-cost-and-usage_1.json".
package recorded
