package sample

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// live says what the organisation has, and what happens in it. docs/SAMPLE.md lists it.
func (o *organisation) live() {
	us, eu, staging, development := o.account("production-us"), o.account("production-eu"), o.account("staging"), o.account("development")
	usEast, usWest, euWest := o.network(us, "us-east-1"), o.network(us, "us-west-2"), o.network(eu, "eu-west-1")
	stagingEast, stagingWest := o.network(staging, "us-east-1"), o.network(staging, "eu-west-1")
	devEast, devWest := o.network(development, "us-east-1"), o.network(development, "eu-west-1")
	always := time.Time{}

	acme := o.instances(3, us, usEast, "us-east-1", "acme-search", "r7g.2xlarge", 500, always, 0, owner("acme", ""))
	o.instances(2, us, usEast, "us-east-1", "hooli-search", "r7g.xlarge", 300, always, 0, owner("hooli", ""))
	o.instances(3, us, usWest, "us-west-2", "globex-search", "r7g.2xlarge", 500, always, 72, owner("globex", ""))
	o.instances(2, eu, euWest, "eu-west-1", "vandelay-search", "r7g.xlarge", 300, always, 72, owner("vandelay", ""))
	o.instances(2, us, usEast, "us-east-1", "gateway", "m7g.large", 50, always, 0, owned("gateway", "platform"))
	o.instances(2, staging, stagingEast, "us-east-1", "staging", "m7g.large", 100, always, 0, owned("search", "staging"))
	o.instances(1, staging, stagingWest, "eu-west-1", "staging-eu", "m7g.large", 100, always, 0, owned("search", "staging"))
	o.instances(1, development, devWest, "eu-west-1", "notebook", "m7g.large", 100, always, 0, owned("embedder", "notebooks"))
	o.standing(us, usEast, "us-east-1", 1)
	o.standing(us, usWest, "us-west-2", 0.8)
	nat := o.standing(eu, euWest, "eu-west-1", 0.6)
	o.standing(staging, stagingEast, "us-east-1", 0.2)
	for _, a := range []*account{us, eu, staging, development} {
		o.bucket(a, a.regions[0], "data", "search", map[string]float64{us.id: 9000, eu.id: 4000}[a.id]+500)
		o.bucket(a, a.regions[0], "logs", "platform", 700)
	}
	o.database(us, usEast, "us-east-1", "billing", "db.r6g.xlarge", 400, true)
	o.database(staging, stagingEast, "us-east-1", "billing-staging", "db.t4g.medium", 50, false)

	o.customerLeaves(us, usEast)
	o.clusterIsLaunched(us, usEast)
	o.gatewaySpikes(eu, nat)
	o.leftovers(development, devEast)
	o.databasesAreHidden()
	o.groupIsOpened(staging, stagingEast)
	o.lately(us, staging, stagingEast, acme[0])
	o.deploys(us, eu)
	o.fees(us, eu, staging)
	slices.SortStableFunc(o.deeds, func(a, b deed) int { return a.at.Compare(b.at) })
	slices.SortStableFunc(o.happens, func(a, b Happening) int { return a.Day.Compare(b.Day) })
}

// customerLeaves: a customer's cluster is deleted, and one of its volumes is forgotten.
func (o *organisation) customerLeaves(a *account, n *network) {
	at := o.weekday(time.Monday, 40).Add(10*time.Hour + 12*time.Minute)
	all := o.instances(3, a, n, "us-east-1", "initech-search", "r7g.xlarge", 400, time.Time{}, 0, owner("initech", ""))
	var ids []string
	for i, r := range all {
		switch {
		case r.kind == kindInstance:
			r.until = at
			ids = append(ids, r.id)
		case i == len(all)-1:
			r.idle = at // forgotten
		default:
			r.until = at.Add(20 * time.Minute)
			o.do(r.until, a, "us-east-1", "fen", false, api("ec2", "DeleteVolume", false, fmt.Sprintf(`{"volumeId":%q}`, r.id), `{"_return":true}`))
		}
	}
	o.do(at, a, "us-east-1", "fen", false, o.onInstances("TerminateInstances", ids, "shutting-down", 32))
	o.happen(at, "the customer initech leaves: fen deletes its cluster, initech-search; its cost vanishes")
	o.happen(at, "one volume of it is forgotten: %s, unattached since, costs on", all[len(all)-1].id)
}

// clusterIsLaunched: a customer gets a second cluster on a Tuesday.
func (o *organisation) clusterIsLaunched(a *account, n *network) {
	at := o.weekday(time.Tuesday, 20).Add(9*time.Hour + 41*time.Minute)
	all := o.instances(3, a, n, "us-east-1", "acme-vectors", "r7g.4xlarge", 1000, at, 0, owner("acme", "acme-vectors"))
	o.launched(at, a, "ada", all)
	o.happen(at, "ada launches a second cluster for the customer acme, acme-vectors: its cost nearly trebles, beyond its budget of 2000")
}

// gatewaySpikes: a job fetches terabytes through a NAT gateway one weekend.
func (o *organisation) gatewaySpikes(a *account, nat *resource) {
	saturday := o.weekday(time.Saturday, 8)
	nat.uses = append(nat.uses, use{
		product: "AmazonEC2", usage: "NatGateway-Bytes", operation: "NatGateway", unit: "GB", family: "NAT Gateway", daily: 2100, price: 45000,
		from: saturday, until: saturday.AddDate(0, 0, 2),
	})
	at := saturday.Add(-7 * time.Hour)
	o.do(at, a, a.regions[0], "ci", false, o.deploy(a, a.regions[0], "indexer"))
	o.happen(saturday, "the NAT gateway of production-eu passes 2 TB a day for a weekend, after ci deployed indexer on Friday evening")
}

// leftovers: what development left lying about.
func (o *organisation) leftovers(a *account, n *network) {
	stopped := o.day(45).Add(16*time.Hour + 5*time.Minute)
	old := o.instances(1, a, n, "us-east-1", "experiment", "m5.large", 200, time.Time{}, 0, nil)
	old[0].idle = stopped
	o.do(stopped, a, "us-east-1", "pia", true, o.onInstances("StopInstances", []string{old[0].id}, "stopping", 64))
	o.happen(stopped, "pia stops %s, experiment-1, and leaves it: its volume costs on, and neither has an owner", old[0].id)

	allocated := o.day(75).Add(11 * time.Hour)
	address := o.add(kindAddress, a, "us-east-1", o.id("eipalloc"), "", allocated, nil, n)
	address.uses = []use{{product: "AmazonEC2", usage: "ElasticIP:IdleAddress", operation: "AllocateAddressVPC", unit: "Hrs", family: "IP Address", daily: 24, price: 5000}}
	o.do(allocated, a, "us-east-1", "kofi", true, api("ec2", "AllocateAddress", false, `{"domain":"vpc"}`,
		fmt.Sprintf(`{"requestId":%q,"publicIp":%q,"domain":"vpc","allocationId":%q,"networkBorderGroup":"us-east-1"}`, o.uuid(), publicIP(address), address.id)))
	o.happen(allocated, "kofi allocates an address that nothing ever uses: %s", address.id)

	made := o.day(6).Add(14*time.Hour + 30*time.Minute)
	v := o.volume(a, n, "us-east-1", "scratch", 250, made, map[string]string{"Name": "scratch"})
	v.encrypted = false
	o.do(made, a, "us-east-1", "milo", true, api("ec2", "CreateVolume", false, `{"size":"250","zone":"us-east-1a","volumeType":"gp3","encrypted":false}`,
		fmt.Sprintf(`{"requestId":%q,"volumeId":%q,"size":"250","zone":"us-east-1a","status":"creating","volumeType":"gp3","encrypted":false,"tagSet":{"items":[{"key":"Name","value":"scratch"}]}}`, o.uuid(), v.id)))
	o.happen(made, "milo creates an unencrypted volume without an owner: %s", v.id)
}

// databasesAreHidden: Polo's own role loses a permission in development.
func (o *organisation) databasesAreHidden() {
	o.refused = o.day(9)
	o.happen(o.refused, "development refuses to list its databases: what is there since, nobody knows")
}

// groupIsOpened: somebody opens a port to the world in the console.
func (o *organisation) groupIsOpened(a *account, n *network) {
	n.group.idle = o.day(9).Add(17*time.Hour + 22*time.Minute)
	o.do(n.group.idle, a, "us-east-1", "hugo", true, api("ec2", "AuthorizeSecurityGroupIngress", false,
		fmt.Sprintf(`{"groupId":%q,"ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":22,"toPort":22,"groups":{},"ipRanges":{"items":[{"cidrIp":"0.0.0.0/0"}]},"ipv6Ranges":{},"prefixListIds":{}}]}}`, n.group.id),
		fmt.Sprintf(`{"requestId":%q,"_return":true,"securityGroupRuleSet":{}}`, o.uuid())))
	o.happen(n.group.idle, "hugo opens port 22 of %s in staging to the world, in the console", n.group.id)
}

// lately: what the last day with costs and the last 24 hours have for those who ask what changed.
func (o *organisation) lately(us, staging *account, n *network, victim *resource) {
	at := o.last.Add(15*time.Hour + 8*time.Minute)
	o.launched(at, staging, "kofi", o.instances(1, staging, n, "us-east-1", "load-test", "c7g.4xlarge", 100, at, 0, owned("search", "staging")))
	o.happen(at, "kofi launches load-test-1 in staging")

	at = o.now.Add(-4*time.Hour - 20*time.Minute)
	group := o.add(kindGroup, staging, "us-east-1", o.id("sg"), "load-test", at, nil, n)
	o.do(at, staging, "us-east-1", "kofi", true, api("ec2", "CreateSecurityGroup", false, fmt.Sprintf(`{"groupName":"load-test","groupDescription":"what the applications are in","vpcId":%q}`, n.vpc.id),
		fmt.Sprintf(`{"requestId":%q,"_return":true,"groupId":%q}`, o.uuid(), group.id)))
	o.happen(at, "kofi creates a security group that nothing is in: %s", group.id)

	at = o.now.Add(-7 * time.Hour)
	for i := range 4 {
		c := o.onInstances("TerminateInstances", []string{victim.id}, "", 0)
		failure := [2]string{"Client.UnauthorizedOperation", "You are not authorized to perform this operation."}
		if i%2 == 1 {
			c = api("secretsmanager", "GetSecretValue", true, fmt.Sprintf(`{"secretId":"arn:aws:secretsmanager:us-east-1:%s:secret:billing/database-a1B2c3"}`, us.id), "null")
			failure = [2]string{"AccessDenied", "User is not authorized to perform: secretsmanager:GetSecretValue"}
		}
		o.deeds = append(o.deeds, deed{at: at.Add(time.Duration(i*7) * time.Minute), account: us, region: "us-east-1", by: "jun", call: c, failure: failure})
	}
	o.happen(at, "jun is refused: to terminate an instance of acme, and to read the database's secret")
}

// deploys: ci deploys functions twice a week.
func (o *organisation) deploys(accounts ...*account) {
	for d := o.first; !d.After(o.last); d = d.AddDate(0, 0, 1) {
		if d.Weekday() != time.Tuesday && d.Weekday() != time.Thursday {
			continue
		}
		for _, a := range accounts {
			o.do(d.Add(13*time.Hour+time.Duration(o.rng.IntN(7200))*time.Second), a, a.regions[0], "ci", false, o.deploy(a, a.regions[0], pick(o.world, services)))
		}
	}
}

func (o *organisation) deploy(a *account, region, name string) call {
	return api("lambda", "UpdateFunctionCode20150331v2", false, fmt.Sprintf(`{"functionName":%q,"publish":true,"s3Bucket":"polo-sample-artifacts"}`, name),
		fmt.Sprintf(`{"functionName":%q,"functionArn":"arn:aws:lambda:%s:%s:function:%s","runtime":"provided.al2023","state":"Active"}`, name, region, a.id, name))
}

// fees are the costs of the organisation that no resource causes.
func (o *organisation) fees(us, eu, staging *account) {
	payer, security := o.account("management"), o.account("security")
	for d := o.first; !d.After(o.last); d = d.AddDate(0, 0, 1) {
		o.charges = append(o.charges, charge{d, false, payer, "SavingsPlanRecurringFee", "ComputeSavingsPlans", "ComputeSP:1yrNoUpfront", "1 year No Upfront Compute Savings Plan", planFee})
		o.charges = append(o.charges, charge{d, false, security, "Usage", "AmazonGuardDuty", "PaidEventsAnalyzed", "events analysed", 380 + int64(o.rng.IntN(20))})
		for _, a := range []*account{us, eu} {
			o.charges = append(o.charges, charge{d, false, a, "Usage", "AmazonCloudWatch", "CW:MetricMonitorUsage", "metrics", 120 + int64(o.rng.IntN(6))})
		}
		if d.Day() == 1 {
			o.charges = append(o.charges, charge{d, true, us, "RIFee", "AmazonRDS", "HeavyUsage:db.r6g.xlarge", "monthly fee of the reservation", reservationFee})
			o.charges = append(o.charges, charge{d, true, payer, "Fee", "AWSSupportBusiness", "Dollar", "AWS Support (Business)", 29000})
		}
	}
	credit, refund := o.weekday(time.Wednesday, 12), o.weekday(time.Thursday, 33)
	o.charges = append(o.charges, charge{credit, false, staging, "Credit", "AmazonEC2", "BoxUsage:m7g.large", "migration credit", -12000})
	o.charges = append(o.charges, charge{refund, false, eu, "Refund", "AmazonS3", "Requests-Tier1", "requests billed twice", -4217})
	o.happen(credit, "AWS gives staging a credit of 120.00 on EC2")
	o.happen(refund, "AWS refunds production-eu 42.17 of S3")
}

// What commitments cost, in hundredths of a US dollar: a savings plan by day, a reservation by month.
const (
	planFee        = 3120
	reservationFee = 20500
)

// launched records the call that launched instances. One call gives all of them the same tags; the
// scan after it has their own.
func (o *organisation) launched(at time.Time, a *account, by string, all []*resource) {
	var items []string
	var r *resource
	tags := maps.Clone(all[0].tags)
	tags["Name"] = strings.TrimSuffix(tags["Name"], "-1")
	delete(tags, "index")
	for _, one := range all {
		if one.kind != kindInstance {
			continue
		}
		r = one
		items = append(items, fmt.Sprintf(`{"instanceId":%q,"imageId":"ami-0d5eff06f840b45e9","instanceState":{"code":0,"name":"pending"},"instanceType":%q,"subnetId":%q,"vpcId":%q,`+
			`"groupSet":{"items":[{"groupId":%q,"groupName":"app"}]},"iamInstanceProfile":{"arn":"arn:aws:iam::%s:instance-profile/app","id":"AIPASAMPLE"},"tagSet":{"items":[%s]}}`,
			r.id, r.class, r.net.subnet.id, r.net.vpc.id, r.net.group.id, a.id, tagItems(tags)))
	}
	o.do(at, a, r.region, by, false, api("ec2", "RunInstances", false,
		fmt.Sprintf(`{"instancesSet":{"items":[{"imageId":"ami-0d5eff06f840b45e9","minCount":%d,"maxCount":%d}]},"instanceType":%q,"subnetId":%q}`, len(items), len(items), r.class, r.net.subnet.id),
		fmt.Sprintf(`{"requestId":%q,"reservationId":%q,"ownerId":%q,"instancesSet":{"items":[%s]}}`, o.uuid(), o.id("r"), a.id, strings.Join(items, ","))))
}

// onInstances returns a call that changes the state of instances.
func (o *organisation) onInstances(name string, ids []string, state string, code int) call {
	var asked, changed []string
	for _, id := range ids {
		asked = append(asked, fmt.Sprintf(`{"instanceId":%q}`, id))
		changed = append(changed, fmt.Sprintf(`{"instanceId":%q,"currentState":{"code":%d,"name":%q},"previousState":{"code":16,"name":"running"}}`, id, code, state))
	}
	return api("ec2", name, false, `{"instancesSet":{"items":[`+strings.Join(asked, ",")+`]}}`, fmt.Sprintf(`{"requestId":%q,"instancesSet":{"items":[%s]}}`, o.uuid(), strings.Join(changed, ",")))
}

func tagItems(tags map[string]string) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, fmt.Sprintf(`{"key":%q,"value":%q}`, k, tags[k]))
	}
	return strings.Join(out, ",")
}
