package cloudtrail_test

import (
	"fmt"
	"strings"
)

// Invented accounts and people of the generated records.
const (
	account  = "111122223333"
	region   = "eu-west-1"
	userARN  = "arn:aws:iam::111122223333:user/mira"
	roleARN  = "arn:aws:iam::111122223333:role/deploy"
	agent    = "APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io) terraform-provider-aws/5.80.0 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.32.5 lang/go#1.23.3"
	tlsPart  = `"tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"ec2.eu-west-1.amazonaws.com"}`
	roleUser = `{"type":"AssumedRole","principalId":"AROAEXAMPLEROLEID0001:ci","arn":"arn:aws:sts::111122223333:assumed-role/deploy/ci","accountId":"111122223333","accessKeyId":"ASIAEXAMPLE00000001","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLEROLEID0001","arn":"arn:aws:iam::111122223333:role/deploy","accountId":"111122223333","userName":"deploy"},"webIdFederationData":{},"attributes":{"creationDate":"2026-03-01T09:00:00Z","mfaAuthenticated":"false"}}}`
	iamUser  = `{"type":"IAMUser","principalId":"AIDAEXAMPLEUSERID0001","arn":"arn:aws:iam::111122223333:user/mira","accountId":"111122223333","accessKeyId":"AKIAEXAMPLE00000001","userName":"mira"}`
)

// call describes one generated record; an empty part gets a usual value, "-" omits it.
type call struct {
	source, name       string
	request, response  string
	identity           string
	resources          string
	errorCode          string
	readOnly           string
	extra              string // further members, with a comma at the end
	eventType, eventID string
	time               string
}

func or(s, usual string) string {
	if s == "" {
		return usual
	}
	return s
}

// json writes the record as AWS does: compact, members in its order.
func (c call) json() string {
	var b strings.Builder
	b.WriteString(`{"eventVersion":"1.11",`)
	if c.identity != "-" {
		fmt.Fprintf(&b, `"userIdentity":%s,`, or(c.identity, roleUser))
	}
	if c.time != "-" {
		fmt.Fprintf(&b, `"eventTime":%s,`, or(c.time, `"2026-03-01T10:11:12Z"`))
	}
	fmt.Fprintf(&b, `"eventSource":"%s.amazonaws.com","eventName":%q,"awsRegion":%q,"sourceIPAddress":"198.51.100.7","userAgent":%q,`,
		c.source, c.name, region, agent)
	if c.errorCode != "" {
		fmt.Fprintf(&b, `"errorCode":%q,"errorMessage":"it was not to be",`, c.errorCode)
	}
	fmt.Fprintf(&b, `"requestParameters":%s,"responseElements":%s,`, or(c.request, "null"), or(c.response, "null"))
	b.WriteString(c.extra)
	b.WriteString(`"requestID":"5f0c3c1e-1111-4222-8333-444455556666",`)
	if c.eventID != "-" {
		fmt.Fprintf(&b, `"eventID":%q,`, or(c.eventID, "0a1b2c3d-0000-4000-8000-000000000001"))
	}
	if c.readOnly != "-" {
		fmt.Fprintf(&b, `"readOnly":%s,`, or(c.readOnly, "false"))
	}
	if c.resources != "" {
		fmt.Fprintf(&b, `"resources":%s,`, c.resources)
	}
	fmt.Fprintf(&b, `"eventType":%q,"managementEvent":true,"recipientAccountId":%q,"eventCategory":"Management",%s}`,
		or(c.eventType, "AwsApiCall"), account, tlsPart)
	return b.String()
}

// day returns a mix of records, as in a real account.
func day(n int) []string {
	kinds := []call{
		{source: "ec2", name: "DescribeInstances", readOnly: "true", request: `{"instancesSet":{"items":[{"instanceId":"i-0123456789abcdef0"}]},"filterSet":{}}`},
		{source: "ec2", name: "DescribeVolumes", readOnly: "true", request: `{"volumeSet":{},"filterSet":{"items":[{"name":"attachment.instance-id","valueSet":{"items":[{"value":"i-0123456789abcdef0"}]}}]}}`},
		{source: "sts", name: "AssumeRole", readOnly: "true", identity: `{"type":"AWSService","invokedBy":"ec2.amazonaws.com"}`, request: `{"roleArn":"arn:aws:iam::111122223333:role/web","roleSessionName":"i-0123456789abcdef0"}`, response: `{"credentials":{"accessKeyId":"ASIAEXAMPLE00000002","sessionToken":"aGVsbG8=","expiration":"Mar 1, 2026, 4:00:00 PM"}}`, resources: `[{"accountId":"111122223333","type":"AWS::IAM::Role","ARN":"arn:aws:iam::111122223333:role/web"}]`},
		{source: "kms", name: "Decrypt", readOnly: "true", identity: iamUser, request: `{"encryptionAlgorithm":"SYMMETRIC_DEFAULT","encryptionContext":{"PARAMETER_ARN":"arn:aws:ssm:eu-west-1:111122223333:parameter/app/db"}}`, resources: `[{"accountId":"111122223333","type":"AWS::KMS::Key","ARN":"arn:aws:kms:eu-west-1:111122223333:key/0e5d0ab6-097e-49d8-99ef-747ce3e5f8f4"}]`},
		{source: "s3", name: "GetBucketAcl", readOnly: "true", request: `{"bucketName":"logs-example","Host":"logs-example.s3.eu-west-1.amazonaws.com","acl":""}`, extra: `"additionalEventData":{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","bytesTransferredOut":480},`, resources: `[{"accountId":"111122223333","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::logs-example"}]`},
		{source: "ec2", name: "CreateTags", request: `{"resourcesSet":{"items":[{"resourceId":"vol-0123456789abcdef0"}]},"tagSet":{"items":[{"key":"team","value":"search"},{"key":"Name","value":"data"}]}}`, response: `{"requestId":"x","_return":true}`},
		{source: "lambda", name: "UpdateFunctionConfiguration20150331v2", request: `{"functionName":"indexer","memorySize":1024}`, response: `{"functionName":"indexer","functionArn":"arn:aws:lambda:eu-west-1:111122223333:function:indexer","runtime":"provided.al2023","role":"arn:aws:iam::111122223333:role/indexer","state":"Active","memorySize":1024}`},
		{source: "logs", name: "CreateLogStream", request: `{"logGroupName":"/aws/lambda/indexer","logStreamName":"2026/03/01/[$LATEST]0123456789abcdef"}`},
	}
	out := make([]string, n)
	for i := range out {
		c := kinds[i%len(kinds)]
		c.eventID = fmt.Sprintf("0a1b2c3d-0000-4000-8000-%012d", i)
		out[i] = c.json()
	}
	return out
}
