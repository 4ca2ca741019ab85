package github

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"polo/envelope"
)

// Config is the setting of GitHub's sources, in JSON:
//
//	{"organisations": ["LOGIN", ...]}
//	{"enterprise": "SLUG", "organisations": ["LOGIN", ...], "api": "https://api.SUBDOMAIN.ghe.com"}
type Config struct {
	// API is the REST API's address: https://api.github.com if empty, else that of an
	// enterprise on GHE.com, or https://HOST/api/v3 of a GitHub Enterprise Server.
	API string `json:"api"`
	// Organisations are the logins of those whose inventory and audit log are read, and
	// whose costs are, if no enterprise pays for them.
	Organisations []string `json:"organisations"`
	// Enterprise is the slug of the enterprise that is billed for all its organisations,
	// with its cost centres.
	Enterprise string `json:"enterprise"`
}

const publicAPI = "https://api.github.com"

// names matches a login or an enterprise's slug; those of managed users have an underscore.
var names = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$`)

// ParseConfig parses the setting. Logins and the slug are in lower case then.
func ParseConfig(text []byte) (Config, error) {
	var c Config
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return Config{}, fmt.Errorf("reading the setting of GitHub: %w", err)
	}
	if d.More() {
		return Config{}, errors.New("reading the setting of GitHub: more follows its JSON")
	}
	var errs []error
	c.API = strings.TrimSuffix(cmp.Or(c.API, publicAPI), "/")
	u, err := url.Parse(c.API)
	if err != nil || u.Scheme != "https" || !strings.Contains(u.Hostname(), ".") || u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
		u.Path != "" && u.Path != "/api/v3" {
		errs = append(errs, errors.New("api is neither https://HOST nor https://HOST/api/v3"))
	}
	for i, login := range c.Organisations {
		if !names.MatchString(login) {
			errs = append(errs, fmt.Errorf("organisations[%d] is not a login", i))
		}
		c.Organisations[i] = strings.ToLower(login)
	}
	slices.Sort(c.Organisations)
	if len(slices.Compact(slices.Clone(c.Organisations))) != len(c.Organisations) {
		errs = append(errs, errors.New("organisations has one twice"))
	}
	if c.Enterprise != "" && !names.MatchString(c.Enterprise) {
		errs = append(errs, errors.New("enterprise is not a slug"))
	}
	c.Enterprise = strings.ToLower(c.Enterprise)
	if c.Enterprise == "" && len(c.Organisations) == 0 {
		errs = append(errs, errors.New("neither organisations nor an enterprise"))
	}
	if len(errs) > 0 {
		return Config{}, fmt.Errorf("the setting of GitHub: %w", errors.Join(errs...))
	}
	return c, nil
}

// place returns where the setting's keys are.
func (c Config) place() place { return placeOf(strings.TrimPrefix(c.API, "https://")) }

// organisations returns the organisations as owners.
func (c Config) organisations() []owner {
	all := make([]owner, len(c.Organisations))
	for i, login := range c.Organisations {
		all[i] = owner{name: login}
	}
	return all
}

// payers returns who is billed: the enterprise for its organisations, else each of them.
func (c Config) payers() []owner {
	if c.Enterprise != "" {
		return []owner{{name: c.Enterprise, enterprise: true}}
	}
	return c.organisations()
}

// owner is an organisation or a user, or an enterprise.
type owner struct {
	name       string
	enterprise bool
}

// path returns the owner's part of a request's path.
func (o owner) path() string {
	if o.enterprise {
		return "/enterprises/" + o.name
	}
	return "/orgs/" + o.name
}

// place is a server; its keys begin with its name unless it is github.com.
type place struct{ host string }

// placeOf returns the place of an API's address without its scheme.
func placeOf(api string) place {
	host, _, _ := strings.Cut(strings.ToLower(api), "/")
	host = strings.TrimSuffix(host, ":443")
	if host == "" || host == "api.github.com" {
		return place{"github.com"}
	}
	if strings.HasSuffix(host, ".ghe.com") {
		host = strings.TrimPrefix(host, "api.")
	}
	return place{host}
}

// key returns the key of an owner, or of what is in one.
func (p place) key(o owner, nested ...string) envelope.ARN {
	if o.enterprise {
		return envelope.GitHubEnterpriseARN(o.name, nested...).OnGitHubServer(p.host)
	}
	return envelope.GitHubARN(o.name, "", nested...).OnGitHubServer(p.host)
}

// repo returns the key of a repository.
func (p place) repo(login, name string) envelope.ARN {
	return envelope.GitHubARN(login, name).OnGitHubServer(p.host)
}

// account returns the id of an owner's account: its key without the platform.
func (p place) account(o owner) string { return p.key(o).Resource }
