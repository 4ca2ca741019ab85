package sample

import (
	"fmt"
	"time"
)

// change returns a call that creates, changes or deletes a resource.
func (w *world) change(a *account, region string, at *time.Time) call {
	instances, volumes, roles := place{region, "instance"}, place{region, "volume"}, place{"", "role"}
	switch w.rng.IntN(9) {
	case 0, 1:
		if w.rng.IntN(3) == 0 {
			if id, ok := w.take(a, instances, at); ok {
				return api("ec2", "TerminateInstances", false, fmt.Sprintf(`{"instancesSet":{"items":[{"instanceId":%q}]}}`, id),
					fmt.Sprintf(`{"requestId":%q,"instancesSet":{"items":[{"instanceId":%q,"currentState":{"code":32,"name":"shutting-down"},"previousState":{"code":16,"name":"running"}}]}}`, w.uuid(), id))
			}
		}
		return w.runInstances(a, region, *at)
	case 2:
		if w.rng.IntN(3) == 0 {
			if id, ok := w.take(a, volumes, at); ok {
				return api("ec2", "DeleteVolume", false, fmt.Sprintf(`{"volumeId":%q}`, id), `{"_return":true}`)
			}
		}
		id := w.id("vol")
		a.make(volumes, id, *at)
		return api("ec2", "CreateVolume", false, fmt.Sprintf(`{"size":"100","zone":"%sa","volumeType":"gp3","encrypted":true}`, region),
			fmt.Sprintf(`{"requestId":%q,"volumeId":%q,"size":"100","zone":"%sa","status":"creating","volumeType":"gp3","encrypted":true}`, w.uuid(), id, region))
	case 3:
		return api("ec2", "AttachVolume", false, fmt.Sprintf(`{"volumeId":%q,"instanceId":%q,"device":"/dev/sdf"}`, w.some(a, volumes, "vol"), w.some(a, instances, "i")),
			fmt.Sprintf(`{"requestId":%q,"status":"attaching","device":"/dev/sdf"}`, w.uuid()))
	case 4:
		return api("ec2", "CreateTags", false, fmt.Sprintf(`{"resourcesSet":{"items":[{"resourceId":%q}]},"tagSet":{"items":[%s]}}`, w.some(a, instances, "i"), w.tags()),
			fmt.Sprintf(`{"requestId":%q,"_return":true}`, w.uuid()))
	case 5:
		name := fmt.Sprintf("job-%s-%04x", pick(w, services), w.rng.IntN(1<<16))
		if w.rng.IntN(3) == 0 {
			if old, ok := w.take(a, roles, at); ok {
				return api("iam", "DeleteRole", false, fmt.Sprintf(`{"roleName":%q}`, old), "null")
			}
		}
		a.make(roles, name, *at)
		return api("iam", "CreateRole", false, fmt.Sprintf(`{"roleName":%q,"assumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[]}"}`, name),
			fmt.Sprintf(`{"role":{"path":"/","roleName":%q,"roleId":"AROASAMPLE%010d","arn":"arn:aws:iam::%s:role/%s","createDate":"Jan 15, 2026, 9:00:00 AM"}}`, name, w.rng.IntN(1e10), a.id, name))
	case 6:
		return api("lambda", "UpdateFunctionCode20150331v2", false, fmt.Sprintf(`{"functionName":%q,"publish":true,"s3Bucket":"polo-sample-artifacts"}`, pick(w, services)),
			fmt.Sprintf(`{"functionName":"f","functionArn":"arn:aws:lambda:%s:%s:function:%s","runtime":"provided.al2023","state":"Active"}`, region, a.id, pick(w, services)))
	case 7:
		group := pick(w, a.groups)
		return api("ec2", "AuthorizeSecurityGroupIngress", false, fmt.Sprintf(`{"groupId":%q,"ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":443,"toPort":443,"ipRanges":{"items":[{"cidrIp":"10.0.0.0/8"}]}}]}}`, group),
			fmt.Sprintf(`{"requestId":%q,"_return":true}`, w.uuid()))
	}
	bucket := fmt.Sprintf("polo-sample-%s-%08x", a.name, w.rng.Uint32())
	c := api("s3", "CreateBucket", false, fmt.Sprintf(`{"bucketName":%q,"Host":"s3.%s.amazonaws.com","CreateBucketConfiguration":{"LocationConstraint":%q}}`, bucket, region, region), "null")
	c.resources = fmt.Sprintf(`[{"accountId":%q,"type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::%s"}]`, a.id, bucket)
	return c
}

// runInstances launches one to three instances, or fails to.
func (w *world) runInstances(a *account, region string, at time.Time) call {
	fails := w.rng.IntN(12) == 0
	subnet, group, ami, kind, tags := pick(w, a.subnets), pick(w, a.groups), w.id("ami"), pick(w, []string{"m7g.large", "c7g.xlarge", "r7i.2xlarge"}), w.tags()
	items := ""
	n := 1 + w.rng.IntN(3)
	for i := range n {
		id := w.id("i")
		if !fails {
			a.make(place{region, "instance"}, id, at)
		}
		if i > 0 {
			items += ","
		}
		items += fmt.Sprintf(`{"instanceId":%q,"imageId":%q,"instanceState":{"code":0,"name":"pending"},"instanceType":%q,"subnetId":%q,"vpcId":%q,`+
			`"groupSet":{"items":[{"groupId":%q,"groupName":"app"}]},"iamInstanceProfile":{"arn":"arn:aws:iam::%s:instance-profile/app","id":"AIPASAMPLE"},"tagSet":{"items":[%s]}}`,
			id, ami, kind, subnet, a.vpc, group, a.id, tags)
	}
	c := api("ec2", "RunInstances", false,
		fmt.Sprintf(`{"instancesSet":{"items":[{"imageId":%q,"minCount":%d,"maxCount":%d}]},"instanceType":%q,"subnetId":%q,"tagSpecificationSet":{"items":[{"resourceType":"instance","tags":[%s]}]}}`, ami, n, n, kind, subnet, tags),
		fmt.Sprintf(`{"requestId":%q,"reservationId":%q,"ownerId":%q,"instancesSet":{"items":[%s]}}`, w.uuid(), w.id("r"), a.id, items))
	c.fails = fails
	return c
}

// tags returns the tags of a team's resource.
func (w *world) tags() string {
	return fmt.Sprintf(`{"key":"team","value":%q},{"key":"customer","value":"customer-%02d"},{"key":"cluster","value":"cluster-%d"},{"key":"index","value":"index-%d"}`,
		pick(w, services), w.rng.IntN(40), w.rng.IntN(8), w.rng.IntN(100))
}
