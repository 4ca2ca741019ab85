package resolve

import "strings"

// MinScore is the score that a candidate needs to be the resource acted on; otherwise it is only
// involved.
const MinScore = 40

// signal is a reason for or against a candidate as the resource acted on.
type signal struct {
	// says is the text that "polo explain" prints.
	says  string
	score int
	holds func(*rating) bool
}

// rating is a candidate with what its signals need.
type rating struct {
	*Candidate
	op *Operation
	// own is set if the resource belongs to the call's service, ec2 if that is EC2.
	own, ec2 bool
	// noun is what the operation's name says it acts on; stem is that of the member that holds
	// the candidate. Both are singular.
	noun, stem string
	// isObject is set if the candidate is what follows "To", "From", "With" or "For" in the
	// operation's name, stemIs if its member is named like the noun, and isNoun if that or its
	// type is.
	isObject, stemIs, isNoun bool
}

// signals apply to every candidate. A candidate also loses one point per level of its depth in
// the record, so that depth decides between candidates with the same signals.
var signals = [...]signal{
	{"it is in the record's list of resources", 1000, func(r *rating) bool { return r.how == ResolvedResources }},
	{"its member is named as the resource", 70, func(r *rating) bool { return r.key.flags&keyResource != 0 || r.isActedOn() }},
	{"it belongs to the call's service", 60, func(r *rating) bool { return r.own && (!r.ec2 || r.op.Change != Created) }},
	// EC2 is many services in one: the subnet of a new instance is not the resource acted on.
	{"it belongs to EC2, whose creating calls name many other resources", 35, func(r *rating) bool { return r.own && r.ec2 && r.op.Change == Created }},
	{"the operation's name ends in it", 55, func(r *rating) bool { return r.isObject }},
	{"the operation's noun is its type", 50, func(r *rating) bool { return !r.isObject && r.isNoun }},
	{"the operation's noun begins with its type", 30, func(r *rating) bool { return !r.isObject && !r.isNoun && r.isPart() }},
	{"the call creates it, and the response names it", 40, func(r *rating) bool { return r.match && r.op.Change == Created && r.side == Response }},
	{"it is the call's own name or id", 20, func(r *rating) bool { return r.key.flags&keyBare != 0 && r.depth == 1 && r.resource.ARN != "" }},
	{"its ARN is in the response", 6, func(r *rating) bool { return r.how == ResolvedResponseARN }},
	{"its ARN is in the request", 4, func(r *rating) bool { return r.how == ResolvedRequestARN }},
	{"its ARN was built from its id", 2, func(r *rating) bool { return r.how == ResolvedBuilt }},
	{"the response names it", 1, func(r *rating) bool { return r.side == Response }},
	{"it is a source, a target or a parent", -40, func(r *rating) bool { return r.key.flags&keyReference != 0 && !r.stemIs && !r.isActedOn() }},
	{"it only contains the resource acted on", -20, func(r *rating) bool { return r.prefix }},
	{"it was searched for, or is in a tag", -2000, func(r *rating) bool { return r.inherited&(keyFilter|keyTags) != 0 }},
}

// rate scores how likely it is that the call acts on the candidate.
func (call *Call) rate(c *Candidate) {
	r := &call.rating
	*r = newRating(c, call.Operation, call.Service)
	c.match = r.own && r.isNoun && !r.isObject && !c.prefix
	c.score = -int(c.depth)
	for i := range signals {
		if signals[i].holds(r) {
			c.score += signals[i].score
		}
	}
}

func newRating(c *Candidate, op *Operation, svc *Service) rating {
	r := rating{Candidate: c, op: op, ec2: svc.ARNName == "ec2", noun: singular(op.Noun)}
	stem := c.key.stem
	if c.key.flags&keyBare != 0 {
		stem = c.parent.stem
		if c.parent == svc.root {
			stem = op.Noun
		}
	}
	r.stem = stem
	r.own = c.resource.Parsed.Service == svc.ARNName || sharesResources(svc.ARNName, c.resource.Parsed.Service, c.typ)
	r.stemIs = r.noun != "" && singular(stem) == r.noun
	// "RolePolicy" is a kind of policy, but AttachRolePolicy acts on the role.
	typeIs := c.typ != "" && (singular(c.typ) == r.noun || op.word == c.typ || op.relation == "" && strings.HasSuffix(r.noun, singular(c.typ)))
	r.isNoun = r.stemIs || typeIs && r.own
	r.isObject = op.object != "" && (singular(stem) == op.object || c.typ != "" && strings.HasSuffix(op.object, c.typ))
	return r
}

// isActedOn reports whether the candidate's member is the operation's actsOn.
func (r *rating) isActedOn() bool { return r.op.actsOn != "" && r.key.lower == r.op.actsOn }

// isPart reports whether the noun or the type begins with the other.
func (r *rating) isPart() bool {
	return r.noun != "" && (r.stem != "" && strings.HasPrefix(r.noun, r.stem) ||
		r.typ != "" && (strings.HasPrefix(r.noun, r.typ) || strings.HasPrefix(r.typ, r.noun)))
}

// sharesResources reports whether the service acts on the owner's resources of this type.
func sharesResources(service, owner, typ string) bool {
	switch service {
	case "ssm", "ec2-instance-connect", "ec2messages", "ssmmessages":
		return owner == "ec2" && typ == "instance"
	case "sts":
		return owner == "iam"
	case "ebs":
		return owner == "ec2" && typ == "snapshot"
	case "s3express", "s3tables":
		return owner == "s3"
	case "sso", "sso-directory", "identitystore":
		return owner == "sso" || owner == "identitystore"
	}
	return false
}
