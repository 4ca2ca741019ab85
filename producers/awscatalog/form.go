package awscatalog

import (
	"fmt"
	"strings"
)

// form is how AWS's interfaces write a type's names if ARNs differ.
type form uint8

const (
	formPlain    form = iota
	formTail          // the part after the last "/": "/hostedzone/Z1", "cluster/task"
	formPath          // the ARN has no leading "/"
	formFunction      // a name, "name:qualifier" or "account:function:name"
	formKey           // a key's id or "alias/name"
	formQueue         // a name, or https://sqs.REGION.amazonaws.com/ACCOUNT/NAME
	formSecret        // the ARN has a random suffix behind the name
	formDocument      // AWS's own have no account: "AWS-RunShellScript"
	formResource      // the ARN's resource, with or without its first word: "app/web/50dc"
)

func parseForm(name string) (form, error) {
	for i, known := range [...]string{formTail: "tail", formPath: "path", formFunction: "function", formKey: "key", formQueue: "queue", formSecret: "secret", formDocument: "document", formResource: "resource"} {
		if known != "" && name == known {
			return form(i), nil
		}
	}
	return formPlain, fmt.Errorf("unknown form %q", name)
}

// read converts a name into the ARN's form. It may change the type (an alias of a key is of
// another) and the place (a queue's URL contains it).
func (t *Type) read(name string, at Place) (*Type, string, Place) {
	switch t.form {
	case formTail:
		name = name[strings.LastIndexByte(name, '/')+1:]
	case formPath:
		name = strings.TrimPrefix(name, "/")
	case formFunction:
		if account, after, found := strings.Cut(name, ":function:"); found {
			name = after
			if IsAccount(account) {
				at.Account = account
			}
		}
		name = strings.TrimPrefix(name, "function:")
	case formKey:
		if alias, found := strings.CutPrefix(name, "alias/"); found {
			if of, ok := Lookup("kms:alias"); ok {
				return of, alias, at
			}
		}
		name = strings.TrimPrefix(name, "key/")
	case formQueue:
		return t.readQueue(name, at)
	}
	return t, name, at
}

// readQueue parses a queue's name or its URL. The host's name contains the region, except for
// https://queue.amazonaws.com, which is older than the second region.
func (t *Type) readQueue(name string, at Place) (*Type, string, Place) {
	_, rest, found := strings.Cut(name, "://")
	if !found {
		return t, name, at
	}
	path := strings.Split(rest, "/")
	if len(path) != 3 || path[1] == "" || path[2] == "" {
		return t, "", at
	}
	host := strings.Split(path[0], ".")
	switch {
	case len(host) > 3 && host[0] == "sqs":
		at.Region = host[1]
	case len(host) > 3 && host[1] == "queue":
		at.Region = host[0]
	case path[0] == "queue.amazonaws.com":
		at.Region = "us-east-1"
	}
	at.Account = path[1]
	return t, path[2], at
}

// hasAccount reports whether the ARN of a resource of this name has an account.
func (t *Type) hasAccount(name string) bool {
	return t.template.account != "" && (t.form != formDocument || !reservedDocument(name))
}

// reservedDocument reports whether a document of Systems Manager has a name that only AWS may give.
// Such documents are the same for every account.
func reservedDocument(name string) bool {
	name = strings.ToLower(name)
	for _, reserved := range [...]string{"aws", "amazon", "amzn"} {
		if strings.HasPrefix(name, reserved) {
			return true
		}
	}
	return false
}
