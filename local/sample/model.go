package sample

import (
	"cmp"
	"fmt"
	"time"
)

// organisation is what is so, and what happens, in the days of a world. Bills, inventory and
// CloudTrail are three views of it.
type organisation struct {
	*world
	// first and last are the first and last day with costs, now is when the world is looked at.
	first, last, now time.Time
	resources        []*resource
	deeds            []deed
	// charges are the costs that no resource causes.
	charges []charge
	happens []Happening
	// refused is from when on development's databases cannot be listed.
	refused time.Time
}

// resource is a thing that exists from a time to another.
type resource struct {
	kind     *kind
	id, name string
	account  *account
	region   string
	// from is when it was created, until when it was deleted: zero before or after all days.
	from, until time.Time
	tags        map[string]string
	// class is an instance's type, size a volume's or a database's in GiB.
	class string
	size  int
	// in is what it is in or attached to: the instance of a volume, the network of an instance.
	in  *resource
	net *network
	// idle is when an instance was stopped, a volume detached or a group opened: zero if never.
	idle      time.Time
	encrypted bool
	uses      []use
}

// network is what an account has in a region for everything else to be in.
type network struct{ vpc, subnet, group *resource }

// use is what a resource is billed for.
type use struct {
	product, usage, operation, unit, family string
	// daily is the quantity of a whole day, price that of one unit in millionths of a US dollar.
	daily float64
	price int64
	// busy use follows the days of the week, running use ends when an instance stops.
	busy, running bool
	// from and until bound use that does not last as long as the resource.
	from, until time.Time
	// covered is the share of the price that a savings plan asks, in percent; 0 means none covers it.
	covered int64
	// reserved use is covered by a reservation.
	reserved bool
}

// deed is a call that somebody makes.
type deed struct {
	at      time.Time
	account *account
	region  string
	by      string // a person's name, or "ci"
	console bool
	call    call
	failure [2]string // error code and message
}

// charge is a line of a bill that no resource causes.
type charge struct {
	day                        time.Time
	months                     bool // it covers the month of the day
	account                    *account
	line, product, usage, text string
	// cents are hundredths of a US dollar.
	cents int64
}

// Happening is something that happens in the world, for people to look for.
type Happening struct {
	Day  time.Time
	What string
}

func (r *resource) alive(at time.Time) bool {
	if r.kind.typ == "ec2:network-interface" {
		return r.in.alive(at)
	}
	return !at.Before(r.from) && (r.until.IsZero() || at.Before(r.until))
}

// calm reports whether the resource is stopped, detached or opened at a time.
func (r *resource) calm(at time.Time) bool { return !r.idle.IsZero() && !at.Before(r.idle) }

// arn returns the resource's ARN.
func (r *resource) arn() string {
	switch r.kind.typ {
	case "s3:bucket":
		return "arn:aws:s3:::" + r.id
	case "elasticloadbalancing:loadbalancer":
		return fmt.Sprintf("arn:aws:elasticloadbalancing:%s:%s:loadbalancer/app/%s", r.region, r.account.id, r.id)
	case "rds:db", "lambda:function":
		service, kind, _ := cutType(r.kind.typ)
		return fmt.Sprintf("arn:aws:%s:%s:%s:%s:%s", service, r.region, r.account.id, kind, r.id)
	}
	service, kind, _ := cutType(r.kind.typ)
	return fmt.Sprintf("arn:aws:%s:%s:%s:%s/%s", service, r.region, r.account.id, kind, r.id)
}

// billed returns the resource's id in bills.
func (r *resource) billed() string {
	switch r.kind.typ {
	case "ec2:instance", "ec2:volume", "s3:bucket":
		return r.id
	}
	return r.arn()
}

// add adds a resource that exists from a time on; zero is before all days.
func (o *organisation) add(k *kind, a *account, region, id, name string, from time.Time, tags map[string]string, n *network) *resource {
	r := &resource{kind: k, account: a, region: region, id: id, name: name, from: from, tags: tags, net: n, encrypted: true}
	o.resources = append(o.resources, r)
	return r
}

// born returns when a resource was created, as its description states.
func (o *organisation) born(r *resource) time.Time {
	if r.from.IsZero() {
		return o.first.AddDate(0, -7, 0).Add(9 * time.Hour)
	}
	return r.from
}

// account returns the account of a name.
func (o *organisation) account(name string) *account {
	for i := range o.accounts {
		if o.accounts[i].name == name {
			return &o.accounts[i]
		}
	}
	panic("no account " + name)
}

// day returns midnight of the day so many days before the last one.
func (o *organisation) day(back int) time.Time { return o.last.AddDate(0, 0, -back) }

// weekday returns the latest such day at least so many days before the last one.
func (o *organisation) weekday(d time.Weekday, back int) time.Time {
	at := o.day(back)
	for at.Weekday() != d {
		at = at.AddDate(0, 0, -1)
	}
	return at
}

// network founds the network of an account in a region.
func (o *organisation) network(a *account, region string) *network {
	n := &network{}
	n.vpc = o.add(kindVPC, a, region, o.id("vpc"), a.name, time.Time{}, owned("platform", "platform"), n)
	n.subnet = o.add(kindSubnet, a, region, o.id("subnet"), a.name+"-a", time.Time{}, owned("platform", "platform"), n)
	n.group = o.add(kindGroup, a, region, o.id("sg"), "app", time.Time{}, owned("platform", "platform"), n)
	// The ids of what is added here and at instances and gateways follow from others, so that those stay.
	o.add(kindRoutes, a, region, "rtb-"+n.vpc.id[4:], a.name+"-private", time.Time{}, owned("platform", "platform"), n)
	if a.name != "development" {
		o.add(kindFlowLog, a, region, "fl-"+n.vpc.id[4:], a.name, time.Time{}, owned("platform", "platform"), n)
	}
	return n
}

// onDemand are prices of an hour, in millionths of a US dollar.
var onDemand = map[string]int64{
	"r7g.4xlarge": 856800, "r7g.2xlarge": 428400, "r7g.xlarge": 214200, "m7g.large": 81600, "c7g.4xlarge": 578000, "m5.large": 96000,
	"db.r6g.xlarge": 430000, "db.t4g.medium": 65000,
}

// instances adds instances with a volume each.
func (o *organisation) instances(n int, a *account, net *network, region, name, class string, size int, from time.Time, covered int64, tags map[string]string) []*resource {
	var out []*resource
	for i := range n {
		own := map[string]string{"Name": fmt.Sprintf("%s-%d", name, i+1)}
		for k, v := range tags {
			own[k] = v
		}
		if own["customer"] != "" {
			own["index"] = []string{"products", "reviews", "help"}[i%3]
		}
		r := o.add(kindInstance, a, region, o.id("i"), own["Name"], from, own, net)
		r.class = class
		r.uses = []use{
			{"AmazonEC2", "BoxUsage:" + class, "RunInstances", "Hrs", "Compute Instance", 24, onDemand[class], false, true, time.Time{}, time.Time{}, covered, false},
			{"AmazonEC2", "DataTransfer-Out-Bytes", "RunInstances", "GB", "Data Transfer", 18, 90000, true, true, time.Time{}, time.Time{}, 0, false},
		}
		o.add(kindInterface, a, region, "eni-"+r.id[2:], "", from, nil, net).in = r
		v := o.volume(a, net, region, own["Name"], size, from, own)
		v.in = r
		out = append(out, r, v)
	}
	return out
}

// volume adds a volume.
func (o *organisation) volume(a *account, net *network, region, name string, size int, from time.Time, tags map[string]string) *resource {
	v := o.add(kindVolume, a, region, o.id("vol"), name, from, tags, net)
	v.size = size
	v.uses = []use{{product: "AmazonEC2", usage: "EBS:VolumeUsage.gp3", operation: "CreateVolume-Gp3", unit: "GB-Mo", family: "Storage", daily: float64(size) / 30, price: 80000}}
	return v
}

// standing is what an account has all the time: the way out, a balancer, buckets, functions.
func (o *organisation) standing(a *account, net *network, region string, scale float64) (nat *resource) {
	platform := owned("platform", "platform")
	platform["Name"] = a.name
	address := o.add(kindAddress, a, region, o.id("eipalloc"), "", time.Time{}, platform, net)
	nat = o.add(kindNAT, a, region, o.id("nat"), a.name, time.Time{}, platform, net)
	address.in = nat
	o.add(kindInterface, a, region, "eni-"+address.id[9:], "", time.Time{}, nil, net).in = nat
	nat.uses = []use{
		{product: "AmazonEC2", usage: "NatGateway-Hours", operation: "NatGateway", unit: "Hrs", family: "NAT Gateway", daily: 24, price: 45000},
		{product: "AmazonEC2", usage: "NatGateway-Bytes", operation: "NatGateway", unit: "GB", family: "NAT Gateway", daily: 60 * scale, price: 45000, busy: true},
	}
	balancer := o.add(kindBalancer, a, region, "app-"+a.name+"/"+o.id("lb")[4:20], "app-"+a.name, time.Time{}, platform, net)
	balancer.uses = []use{
		{product: "AWSELB", usage: "LoadBalancerUsage", operation: "LoadBalancing:Application", unit: "Hrs", family: "Load Balancer-Application", daily: 24, price: 22500},
		{product: "AWSELB", usage: "LCUUsage", operation: "LoadBalancing:Application", unit: "LCU-Hrs", family: "Load Balancer-Application", daily: 90 * scale, price: 8000, busy: true},
	}
	for i, name := range services {
		f := o.add(kindFunction, a, region, name, name, time.Time{}, owned(name, "platform"), net)
		f.uses = []use{{product: "AWSLambda", usage: "Lambda-GB-Second", operation: "Invoke", unit: "Second", family: "Serverless", daily: float64(20000*(i+1)) * scale, price: 17, busy: true}}
	}
	return nat
}

// bucket adds a bucket.
func (o *organisation) bucket(a *account, region, name, team string, gib float64) {
	b := o.add(kindBucket, a, region, "polo-sample-"+a.name+"-"+name, "", time.Time{}, owned(team, "platform"), nil)
	b.uses = []use{
		{product: "AmazonS3", usage: "TimedStorage-ByteHrs", operation: "StandardStorage", unit: "GB-Mo", family: "Storage", daily: gib / 30, price: 23000},
		{product: "AmazonS3", usage: "Requests-Tier1", operation: "PutObject", unit: "Requests", family: "API Request", daily: gib * 20, price: 5, busy: true},
	}
}

// database adds a database.
func (o *organisation) database(a *account, net *network, region, name, class string, size int, reserved bool) *resource {
	d := o.add(kindDatabase, a, region, name, name, time.Time{}, owned("billing", "platform"), net)
	d.class, d.size = class, size
	d.uses = []use{
		{product: "AmazonRDS", usage: "InstanceUsage:" + class, operation: "CreateDBInstance:0014", unit: "Hrs", family: "Database Instance", daily: 24, price: onDemand[class], reserved: reserved},
		{product: "AmazonRDS", usage: "RDS:GP3-Storage", operation: "CreateDBInstance:0014", unit: "GB-Mo", family: "Database Storage", daily: float64(size) / 30, price: 115000},
	}
	return d
}

// do adds a call.
func (o *organisation) do(at time.Time, a *account, region, by string, console bool, c call) {
	if console {
		c.extra += `,"sessionCredentialFromConsole":"true"`
	}
	o.deeds = append(o.deeds, deed{at: at, account: a, region: region, by: by, console: console, call: c})
}

// happen notes something for people to look for.
func (o *organisation) happen(day time.Time, format string, args ...any) {
	o.happens = append(o.happens, Happening{day.Truncate(24 * time.Hour), fmt.Sprintf(format, args...)})
}

// owned returns the tags of what belongs to a team, and to no customer.
func owned(team, cluster string) map[string]string {
	return map[string]string{"team": team, "cluster": cluster}
}

// owner returns the tags of a customer's cluster.
func owner(customer, cluster string) map[string]string {
	return map[string]string{"team": "search", "customer": customer, "cluster": cmp.Or(cluster, customer+"-search")}
}
