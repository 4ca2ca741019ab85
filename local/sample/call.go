package sample

import (
	"fmt"
	"time"
)

// call picks the next call, by the shares that Assumptions states.
func (w *world) call(a *account, region string, at *time.Time) call {
	switch n := w.rng.IntN(1000); {
	case n < 780:
		return w.read(a, region)
	case n < 900:
		return w.dataPlane(a, region)
	case n < 905:
		return call{
			source: "signin.amazonaws.com", name: "ConsoleLogin", eventType: "AwsConsoleSignIn", request: "null",
			response: fmt.Sprintf(`{"ConsoleLogin":%q}`, pick(w, []string{"Success", "Success", "Success", "Failure"})),
			extra:    `,"additionalEventData":{"LoginTo":"https://console.aws.amazon.com/console/home","MobileVersion":"No","MFAUsed":"Yes"}`,
		}
	case n < 908:
		key := w.uuid()
		return call{
			source: "kms.amazonaws.com", name: "RotateKey", eventType: "AwsServiceEvent", request: "null", response: "null",
			resources: fmt.Sprintf(`[{"accountId":%q,"type":"AWS::KMS::Key","ARN":"arn:aws:kms:%s:%s:key/%s"}]`, a.id, region, a.id, key),
			extra:     fmt.Sprintf(`,"serviceEventDetails":{"keyId":%q}`, key),
		}
	}
	if w.quiet {
		return w.read(a, region)
	}
	return w.change(a, region, at)
}

func api(service, name string, readOnly bool, request, response string) call {
	return call{source: service + ".amazonaws.com", name: name, eventType: "AwsApiCall", readOnly: readOnly, request: request, response: response}
}

// read returns a Describe, List or Get.
func (w *world) read(a *account, region string) call {
	switch w.rng.IntN(12) {
	case 0:
		return api("ec2", "DescribeInstances", true, fmt.Sprintf(`{"instancesSet":{"items":[{"instanceId":%q}]},"filterSet":{}}`, w.some(a, place{region, "instance"}, "i")), "null")
	case 1:
		return api("ec2", "DescribeVolumes", true, fmt.Sprintf(`{"volumeSet":{"items":[{"volumeId":%q}]},"filterSet":{}}`, w.some(a, place{region, "volume"}, "vol")), "null")
	case 2:
		return api("ec2", "DescribeSubnets", true, fmt.Sprintf(`{"subnetSet":{},"filterSet":{"items":[{"name":"vpc-id","valueSet":{"items":[{"value":%q}]}}]}}`, a.vpc), "null")
	case 3:
		return api("ec2", "DescribeSecurityGroups", true, fmt.Sprintf(`{"securityGroupSet":{},"securityGroupIdSet":{"items":[{"groupId":%q}]},"filterSet":{}}`, pick(w, a.groups)), "null")
	case 4:
		return api("iam", "GetRole", true, fmt.Sprintf(`{"roleName":"service-%s"}`, pick(w, services)), "null")
	case 5:
		return api("iam", "ListAttachedRolePolicies", true, fmt.Sprintf(`{"roleName":"service-%s"}`, pick(w, services)), "null")
	case 6:
		return api("s3", "GetBucketAcl", true, fmt.Sprintf(`{"bucketName":"polo-sample-%s-data","Host":"polo-sample-%s-data.s3.%s.amazonaws.com","acl":""}`, a.name, a.name, region), "null")
	case 7:
		return api("lambda", "GetFunction20150331v2", true, fmt.Sprintf(`{"functionName":"arn:aws:lambda:%s:%s:function:%s"}`, region, a.id, pick(w, services)), "null")
	case 8:
		return api("dynamodb", "DescribeTable", true, fmt.Sprintf(`{"tableName":"%s-state"}`, pick(w, services)), "null")
	case 9:
		return api("eks", "DescribeCluster", true, fmt.Sprintf(`{"name":"cluster-%s"}`, a.name), "null")
	case 10:
		return api("elasticloadbalancing", "DescribeLoadBalancers", true, `{"pageSize":400}`, "null")
	}
	return api("secretsmanager", "DescribeSecret", true, fmt.Sprintf(`{"secretId":"arn:aws:secretsmanager:%s:%s:secret:%s/database-a1B2c3"}`, region, a.id, pick(w, services)), "null")
}

// objectCalls are the calls on objects, as often as they are made.
func (w *world) objectCalls() []string {
	if w.quiet {
		return []string{"GetObject"}
	}
	return []string{"GetObject", "GetObject", "PutObject"}
}

// dataPlane returns a call that uses an existing resource.
func (w *world) dataPlane(a *account, region string) call {
	service := pick(w, services)
	switch w.rng.IntN(5) {
	case 0:
		c := api("sts", "AssumeRole", true, fmt.Sprintf(`{"roleArn":"arn:aws:iam::%s:role/service-%s","roleSessionName":"session","durationSeconds":3600}`, a.id, service),
			fmt.Sprintf(`{"credentials":{"accessKeyId":"ASIASAMPLE%010d","expiration":"Jan 15, 2026, 3:00:00 PM"},"assumedRoleUser":{"assumedRoleId":"AROASAMPLE0%s:session","arn":"arn:aws:sts::%s:assumed-role/service-%s/session"}}`,
				w.rng.IntN(1e10), service, a.id, service))
		c.resources = fmt.Sprintf(`[{"accountId":%q,"type":"AWS::IAM::Role","ARN":"arn:aws:iam::%s:role/service-%s"}]`, a.id, a.id, service)
		return c
	case 1:
		c := api("kms", "Decrypt", true, fmt.Sprintf(`{"encryptionAlgorithm":"SYMMETRIC_DEFAULT","encryptionContext":{"service":%q}}`, service), "null")
		c.resources = fmt.Sprintf(`[{"accountId":%q,"type":"AWS::KMS::Key","ARN":"arn:aws:kms:%s:%s:key/11111111-2222-4333-8444-%s"}]`, a.id, region, a.id, a.id)
		return c
	case 2:
		bucket, key := "polo-sample-"+a.name+"-data", fmt.Sprintf("%s/%s.parquet", service, w.uuid())
		c := api("s3", pick(w, w.objectCalls()), false, fmt.Sprintf(`{"bucketName":%q,"Host":"%s.s3.%s.amazonaws.com","key":%q}`, bucket, bucket, region, key), "null")
		c.readOnly = c.name == "GetObject"
		c.resources = fmt.Sprintf(`[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::%s/%s"},{"accountId":%q,"type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::%s"}]`, bucket, key, a.id, bucket)
		c.extra = fmt.Sprintf(`,"additionalEventData":{"SignatureVersion":"SigV4","bytesTransferredIn":0,"bytesTransferredOut":%d,"AuthenticationMethod":"AuthHeader"}`, w.rng.IntN(1e6))
		return c
	case 3:
		c := api("lambda", "Invoke", false, fmt.Sprintf(`{"functionName":%q,"invocationType":"RequestResponse"}`, service), "null")
		c.resources = fmt.Sprintf(`[{"accountId":%q,"type":"AWS::Lambda::Function","ARN":"arn:aws:lambda:%s:%s:function:%s"}]`, a.id, region, a.id, service)
		return c
	}
	return api("kms", "GenerateDataKey", true, fmt.Sprintf(`{"keyId":"arn:aws:kms:%s:%s:key/11111111-2222-4333-8444-%s","keySpec":"AES_256"}`, region, a.id, a.id), "null")
}
