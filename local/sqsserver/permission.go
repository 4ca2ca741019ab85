package sqsserver

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// permissions lists the actions that a queue's owner may grant.
func permissions() []string {
	return []string{
		"*", "SendMessage", "ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes",
		"GetQueueUrl", "ListDeadLetterSourceQueues", "PurgeQueue",
	}
}

// policy is the part of an access policy that permissions need.
type policy struct {
	Version   string            `json:"Version"`
	ID        string            `json:"Id,omitempty"`
	Statement []json.RawMessage `json:"Statement"`
}

type statement struct {
	Sid       string              `json:"Sid"`
	Effect    string              `json:"Effect"`
	Principal map[string][]string `json:"Principal"`
	Action    []string            `json:"Action"`
	Resource  string              `json:"Resource"`
}

func sid(raw json.RawMessage) string {
	var labelled struct {
		Sid string `json:"Sid"`
	}
	if json.Unmarshal(raw, &labelled) != nil {
		return "" // a statement of another form has no label of ours
	}
	return labelled.Sid
}

// readPolicy returns the queue's policy, an empty one if it has none.
func (q *queue) readPolicy() (policy, error) {
	p := policy{Version: "2008-10-17", ID: q.arn + "/SQSDefaultPolicy"}
	if text := q.attributes["Policy"]; text != "" {
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			return p, errAttributeValue("Policy", "The queue's policy is not a list of statements.")
		}
	}
	return p, nil
}

func (s *Server) setPolicy(q *queue, p policy) {
	attributes := maps.Clone(q.attributes)
	delete(attributes, "Policy")
	if len(p.Statement) > 0 {
		attributes["Policy"] = marshal(p)
	}
	q.reconfigure(attributes, s.now())
}

func (s *Server) addPermission(c *call) error {
	switch {
	case c.label == "":
		return errMissing("Label")
	case len(c.accountIDs) == 0:
		return errMissing("AWSAccountIds")
	case len(c.actions) == 0:
		return errMissing("Actions")
	case len(c.actions) > maxPermissionActions:
		return errOverLimit("Too many actions: the maximum allowed is 7.")
	case len(c.label) > maxQueueName || strings.ContainsFunc(c.label, func(r rune) bool { return !nameRune(r) }):
		return errValue(shorten(c.label), "Label", "A label holds at most 80 alphanumeric characters, hyphens and underscores.")
	}
	st := statement{Sid: c.label, Effect: "Allow", Principal: map[string][]string{}}
	for _, action := range c.actions {
		if !slices.Contains(permissions(), action) {
			return errValue("SQS:"+shorten(action), "ActionName", "Only the queue owner is allowed to invoke this action.")
		}
		st.Action = append(st.Action, "SQS:"+action)
	}
	for _, account := range c.accountIDs {
		if len(account) != 12 || strings.ContainsFunc(account, func(r rune) bool { return r < '0' || r > '9' }) {
			return errValue(shorten(account), "PrincipalId", "Unable to verify.")
		}
		st.Principal["AWS"] = append(st.Principal["AWS"], "arn:aws:iam::"+account+":root")
	}
	return s.update(c, func(q *queue) error {
		p, err := q.readPolicy()
		if err != nil {
			return err
		}
		if slices.ContainsFunc(p.Statement, func(raw json.RawMessage) bool { return sid(raw) == c.label }) {
			return errValue(c.label, "Label", "Already exists.")
		}
		st.Resource = q.arn
		p.Statement = append(p.Statement, json.RawMessage(marshal(st)))
		s.setPolicy(q, p)
		return nil
	})
}

func (s *Server) removePermission(c *call) error {
	if c.label == "" {
		return errMissing("Label")
	}
	return s.update(c, func(q *queue) error {
		p, err := q.readPolicy()
		if err != nil {
			return err
		}
		kept := slices.DeleteFunc(slices.Clone(p.Statement), func(raw json.RawMessage) bool { return sid(raw) == c.label })
		if len(kept) == len(p.Statement) {
			return errValue(shorten(c.label), "Label", "can't find label on existing policy")
		}
		p.Statement = kept
		s.setPolicy(q, p)
		return nil
	})
}
