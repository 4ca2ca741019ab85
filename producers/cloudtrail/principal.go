package cloudtrail

import (
	"strings"

	"polo/producers/awscatalog"
	"polo/producers/cloudtrail/jsontext"
)

// principal is a record's userIdentity.
type principal struct {
	typ, id, arn, account, accessKey, userName string
	invokedBy, provider                        string
	issuerARN, issuerType, issuerAccount       string
	mfa, created, sourceIdentity               string
	onBehalfOf, credentialID                   string
}

// parsePrincipal parses a userIdentity; text is valid JSON, or empty.
func parsePrincipal(text string) (p principal) {
	c := jsontext.New(text)
	if c.Peek() != '{' {
		return p
	}
	for ok := c.Enter(); ok; ok = c.More() {
		switch jsontext.Unescape(c.Name()) {
		case "type":
			p.typ = c.Scalar()
		case "principalId":
			p.id = c.Scalar()
		case "arn", "ARN":
			p.arn = c.Scalar()
		case "accountId":
			p.account = accountAt(&c)
		case "accessKeyId":
			p.accessKey = c.Scalar()
		case "userName":
			p.userName = c.Scalar()
		case "invokedBy":
			p.invokedBy = c.Scalar()
		case "identityProvider":
			p.provider = c.Scalar()
		case "credentialId":
			p.credentialID = c.Scalar()
		case "onBehalfOf":
			p.behalf(&c)
		case "sessionContext":
			p.session(&c)
		default:
			c.Skip()
		}
	}
	return p
}

func (p *principal) behalf(c *jsontext.Cursor) {
	if c.Peek() != '{' {
		c.Skip()
		return
	}
	for ok := c.Enter(); ok; ok = c.More() {
		if jsontext.Unescape(c.Name()) == "userId" {
			p.onBehalfOf = c.Scalar()
		} else {
			c.Skip()
		}
	}
}

func (p *principal) session(c *jsontext.Cursor) {
	if c.Peek() != '{' {
		c.Skip()
		return
	}
	for ok := c.Enter(); ok; ok = c.More() {
		name := jsontext.Unescape(c.Name())
		switch {
		case name == "sourceIdentity":
			p.sourceIdentity = c.Scalar()
		case (name == "sessionIssuer" || name == "attributes") && c.Peek() == '{':
			p.sessionPart(c, name == "sessionIssuer")
		default:
			c.Skip()
		}
	}
}

func (p *principal) sessionPart(c *jsontext.Cursor, issuer bool) {
	for ok := c.Enter(); ok; ok = c.More() {
		name := jsontext.Unescape(c.Name())
		switch {
		case issuer && name == "arn":
			p.issuerARN = c.Scalar()
		case issuer && name == "type":
			p.issuerType = c.Scalar()
		case issuer && name == "accountId":
			p.issuerAccount = accountAt(c)
		case !issuer && name == "mfaAuthenticated":
			p.mfa = c.Scalar()
		case !issuer && name == "creationDate":
			p.created = c.Scalar()
		default:
			c.Skip()
		}
	}
}

// actor returns who made the call: the principal's ARN; for an AWS service its host name; for
// users of another account the account id; for federated users their provider's id; "" if the
// record does not say.
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

// key returns the ARN of the principal as a resource: the role of a session, else the principal
// itself, or "".
func (p *principal) key(partition string) string {
	switch {
	case p.issuerARN != "":
		return p.issuerARN
	case p.arn == "" && (p.typ == "IAMUser" || p.typ == "Root"):
		return p.actor(partition) // a failed sign-in has no ARN
	}
	return p.arn
}
