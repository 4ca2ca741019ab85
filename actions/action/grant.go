package action

import "encoding/json"

// Grant is a statement of a session's policy: it allows Actions on Resources.
type Grant struct {
	Effect     string                       `json:"Effect"`
	Actions    []string                     `json:"Action"`
	Resources  []string                     `json:"Resource"`
	Conditions map[string]map[string]string `json:"Condition,omitempty"`
}

// allow returns the grant of one call on some resources.
func allow(action string, resources ...string) Grant {
	return Grant{Effect: "Allow", Actions: []string{action}, Resources: resources}
}

// If returns the grant with a condition that a key equals a value.
func (g Grant) If(key, value string) Grant {
	g.Conditions = map[string]map[string]string{"StringEquals": {key: value}}
	return g
}

// SessionPolicy returns the policy of the session that makes a step's call: the role's own
// permissions are cut down to it.
func (s Step) SessionPolicy() string {
	text, err := json.Marshal(struct {
		Version   string
		Statement []Grant
	}{"2012-10-17", s.Grants})
	if err != nil { // texts alone
		panic(err)
	}
	return string(text)
}
