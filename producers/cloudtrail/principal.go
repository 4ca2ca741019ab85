package cloudtrail

import (
	"strings"

	"polo/producers/awscatalog"
)

// principal is a record's userIdentity.
type principal struct {
	typ, id, arn, account, accessKey, userName string
	invokedBy, provider                        string
	issuerARN, issuerType, issuerAccount       string
	mfa, created, sourceIdentity               string
	onBehalfOf, credentialID                   string
}

// parsePrincipal reads a userIdentity; text is valid JSON, or empty.
func parsePrincipal(text string) (p principal) {
	c := cursor{s: text}
	if c.peek() != '{' {
		return p
	}
	for ok := c.enter(); ok; ok = c.more() {
		switch unescape(c.name()) {
		case "type":
			p.typ = c.scalar()
		case "principalId":
			p.id = c.scalar()
		case "arn", "ARN":
			p.arn = c.scalar()
		case "accountId":
			p.account = c.account()
		case "accessKeyId":
			p.accessKey = c.scalar()
		case "userName":
			p.userName = c.scalar()
		case "invokedBy":
			p.invokedBy = c.scalar()
		case "identityProvider":
			p.provider = c.scalar()
		case "credentialId":
			p.credentialID = c.scalar()
		case "onBehalfOf":
			p.behalf(&c)
		case "sessionContext":
			p.session(&c)
		default:
			c.skip()
		}
	}
	return p
}

func (p *principal) behalf(c *cursor) {
	if c.peek() != '{' {
		c.skip()
		return
	}
	for ok := c.enter(); ok; ok = c.more() {
		if unescape(c.name()) == "userId" {
			p.onBehalfOf = c.scalar()
		} else {
			c.skip()
		}
	}
}

func (p *principal) session(c *cursor) {
	if c.peek() != '{' {
		c.skip()
		return
	}
	for ok := c.enter(); ok; ok = c.more() {
		name := unescape(c.name())
		switch {
		case name == "sourceIdentity":
			p.sourceIdentity = c.scalar()
		case (name == "sessionIssuer" || name == "attributes") && c.peek() == '{':
			p.sessionPart(c, name == "sessionIssuer")
		default:
			c.skip()
		}
	}
}

func (p *principal) sessionPart(c *cursor, issuer bool) {
	for ok := c.enter(); ok; ok = c.more() {
		name := unescape(c.name())
		switch {
		case issuer && name == "arn":
			p.issuerARN = c.scalar()
		case issuer && name == "type":
			p.issuerType = c.scalar()
		case issuer && name == "accountId":
			p.issuerAccount = c.account()
		case !issuer && name == "mfaAuthenticated":
			p.mfa = c.scalar()
		case !issuer && name == "creationDate":
			p.created = c.scalar()
		default:
			c.skip()
		}
	}
}

// actor is who did it: the principal's ARN; for an AWS service its host name;
// for users of another account the account's id; for federated users the id their
// provider gave. Empty where the record says nothing.
func (p *principal) actor(partition string) string {
	switch {
	case p.arn != "":
		return p.arn
	case p.typ == "AWSService" && p.invokedBy != "":
		return p.invokedBy
	case p.onBehalfOf != "":
		return "arn:" + partition + ":identitystore:::user/" + p.onBehalfOf
	case p.issuerARN != "":
		return p.issuerARN
	case p.typ == "Root" && p.account != "":
		return awscatalog.AccountARN(partition, p.account)
	case p.typ == "AWSAccount" && p.account != "":
		return p.account // not its root: anybody in the account
	case p.typ == "" && p.invokedBy != "":
		return p.invokedBy
	case p.typ == "IAMUser" && p.account != "" && p.userName != "" && !strings.HasPrefix(p.userName, "HIDDEN_DUE_TO"):
		return "arn:" + partition + ":iam::" + p.account + ":user/" + p.userName
	case p.id != "":
		return p.id
	case p.userName != "":
		return p.userName
	}
	return p.invokedBy
}

// key is the ARN of the principal as a resource: the role behind a session, else
// the principal itself, or "".
func (p *principal) key(partition string) string {
	switch {
	case p.issuerARN != "":
		return p.issuerARN
	case p.arn == "" && (p.typ == "IAMUser" || p.typ == "Root"):
		return p.actor(partition) // a failed sign-in comes without the ARN
	}
	return p.arn
}
