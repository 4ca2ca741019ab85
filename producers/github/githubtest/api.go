// Package githubtest has a stand-in for GitHub's REST API that tests and integration tests run collectors against: it pages its lists by Link
// headers, checks credentials, restates bills, and fails as it is told.
package githubtest

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Object is a JSON object of the API.
type Object = map[string]any

// Fault is how a request fails.
type Fault struct {
	Status int
	Header map[string]string
	Body   string
	// Times is how often it fails; 0 means always.
	Times int
}

// Installation is a GitHub App on an organisation.
type Installation struct {
	ID int64
	// Selection is "all" or "selected".
	Selection string
	Suspended bool
}

// API is the stand-in. Its methods are safe for concurrent use, also while it serves.
type API struct {
	mu            sync.Mutex
	token         string
	scopes        string
	app           *rsa.PublicKey
	appID         string
	installations map[string]Installation
	minted        int
	lists         map[string][]Object
	usage         map[string][]Object
	faults        map[string]*Fault
	asked         []string
	notModified   int
}

// New returns an API without organisations that takes a classic token with the scopes repo and admin:org.
func New(token string) *API {
	return &API{
		token: token, scopes: "admin:org, repo", installations: map[string]Installation{}, lists: map[string][]Object{},
		usage: map[string][]Object{}, faults: map[string]*Fault{},
	}
}

// SetScopes sets the scopes of the token; empty means a fine-grained token, which has none.
func (a *API) SetScopes(scopes string) { a.set(func() { a.scopes = scopes }) }

// SetApp sets an App that may ask for tokens of the organisations it is installed on.
func (a *API) SetApp(id string, key *rsa.PublicKey) { a.set(func() { a.appID, a.app = id, key }) }

// Install installs the App on an organisation.
func (a *API) Install(org string, i Installation) { a.set(func() { a.installations[org] = i }) }

// SetList sets the items of a list by its path, such as "/orgs/acme/repos", with its query if it depends on one: "/orgs/acme/members?role=admin". The
// organisation itself is a list of one: "/orgs/acme". The audit log is in order of its time.
func (a *API) SetList(path string, items ...Object) { a.set(func() { a.lists[path] = items }) }

// SetUsage sets or restates the usage items of a payer, "organizations/acme" or "enterprises/mega", in a month, "2026-02", and of a cost centre.
func (a *API) SetUsage(payer, month, costCentre string, items ...Object) {
	a.set(func() { a.usage[payer+" "+month+" "+costCentre] = items })
}

// Fail makes the requests fail whose path and query begin with a text; a status of 0 ends that.
func (a *API) Fail(prefix string, f Fault) {
	a.set(func() {
		a.faults[prefix] = &f
		if f.Status == 0 {
			delete(a.faults, prefix)
		}
	})
}

// Asked returns the requests so far: "GET /orgs/acme/repos?page=2&per_page=100".
func (a *API) Asked() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.asked)
}

// NotModified returns how many answers so far had no body, because the client had it.
func (a *API) NotModified() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.notModified
}

func (a *API) set(change func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change()
}

// Organisation sets an organisation with a number of repositories, and one of each other kind.
func (a *API) Organisation(login string, id, repos int) {
	a.SetList("/orgs/"+login, Object{"login": login, "id": id, "node_id": fmt.Sprint("O_", id), "name": strings.ToUpper(login), "type": "Organization", "public_repos": 0, "total_private_repos": repos, "plan": Object{"name": "team"}})
	all := make([]Object, repos)
	for i := range all {
		name := fmt.Sprintf("Repo-%03d", i)
		all[i] = Object{
			"id": 1000 + i, "node_id": fmt.Sprint("R_", i), "name": name, "full_name": login + "/" + name, "owner": Object{"login": login}, "private": true, "visibility": "private",
			"default_branch": "main", "archived": i == 1, "disabled": false, "topics": []string{"a", "b"}, "pushed_at": "2026-03-01T00:00:00Z", "custom_properties": Object{"customer": "c1"},
		}
	}
	a.SetList("/orgs/"+login+"/repos", all...)
	a.SetList("/orgs/"+login+"/teams", Object{"id": 1, "slug": "core", "name": "Core", "privacy": "closed", "parent": Object{"slug": "all"}}, Object{"id": 2, "slug": "all", "name": "All"})
	a.SetList("/orgs/"+login+"/members?role=admin", Object{"login": "Ada", "id": 1, "type": "User"})
	a.SetList("/orgs/"+login+"/members?role=member", Object{"login": "bob", "id": 2, "type": "User"})
	a.SetList("/orgs/"+login+"/outside_collaborators", Object{"login": "eve", "id": 3})
	a.SetList("/orgs/"+login+"/actions/runners", Object{"id": 7, "name": "r7", "os": "linux", "status": "online", "busy": false, "labels": []Object{{"name": "gpu"}, {"name": "x64"}}})
	a.SetList("/orgs/"+login+"/installations", Object{"id": 9, "app_id": 5, "app_slug": "ci", "repository_selection": "all", "account": Object{"login": login}})
	a.SetList("/orgs/"+login+"/actions/secrets", Object{"name": "NPM_KEY", "visibility": "all", "created_at": "2026-01-01T00:00:00Z"})
	a.SetList("/orgs/" + login + "/dependabot/secrets")
	a.SetList("/orgs/" + login + "/audit-log")
}

// ServeHTTP implements http.Handler.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	v := &versioned{ResponseWriter: w, status: http.StatusOK}
	a.serve(v, r)
	if v.finish(r) {
		a.notModified++
	}
}

func (a *API) serve(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	asked := r.URL.Path
	if len(q) > 0 {
		asked += "?" + q.Encode()
	}
	a.asked = append(a.asked, r.Method+" "+asked)
	w.Header().Set("Content-Type", "application/json")
	for prefix, f := range a.faults {
		if !strings.HasPrefix(asked, prefix) {
			continue
		}
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				delete(a.faults, prefix)
			}
		}
		for name, value := range f.Header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(f.Status)
		_, _ = w.Write([]byte(f.Body))
		return
	}
	bearer := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch {
	case a.app != nil && (strings.HasPrefix(r.URL.Path, "/app/") || strings.HasSuffix(r.URL.Path, "/installation")):
		a.serveApp(w, r, bearer)
		return
	case a.app != nil && strings.HasPrefix(bearer, "ghs_"):
	case a.token == "" || bearer != a.token:
		refuse(w, http.StatusUnauthorized, "Bad credentials")
		return
	default:
		if a.scopes != "" {
			w.Header().Set("X-OAuth-Scopes", a.scopes)
		}
	}
	path := a.named(r.URL.Path)
	switch {
	case strings.HasSuffix(path, "/settings/billing/usage"):
		payer := strings.TrimPrefix(strings.TrimSuffix(path, "/settings/billing/usage"), "/")
		year, _ := strconv.Atoi(q.Get("year"))
		month, _ := strconv.Atoi(q.Get("month"))
		items := a.usage[fmt.Sprintf("%s %04d-%02d %s", payer, year, month, q.Get("cost_center_id"))]
		reply(w, Object{"usageItems": listed(items)})
	case strings.HasSuffix(path, "/settings/billing/cost-centers"):
		reply(w, Object{"costCenters": listed(a.lists[path])})
	case strings.HasSuffix(path, "/audit-log"):
		a.serveAudit(w, r, path)
	default:
		a.serveList(w, r, path)
	}
}

// named turns "/organizations/ID/...", as links have it, into "/orgs/LOGIN/...".
func (a *API) named(path string) string {
	rest, found := strings.CutPrefix(path, "/organizations/")
	if !found || strings.HasSuffix(path, "/settings/billing/usage") {
		return path
	}
	id, rest, _ := strings.Cut(rest, "/")
	for list, items := range a.lists {
		if strings.Count(list, "/") == 2 && len(items) == 1 && fmt.Sprint(items[0]["id"]) == id {
			return list + "/" + rest
		}
	}
	return path
}

// serveList serves a page of a list, as an array or in an object.
func (a *API) serveList(w http.ResponseWriter, r *http.Request, path string) {
	q := r.URL.Query()
	key := path
	if role := q.Get("role"); role != "" {
		key += "?role=" + role
	}
	items, known := a.lists[key]
	if !known {
		refuse(w, http.StatusNotFound, "Not Found")
		return
	}
	if strings.Count(path, "/") == 2 {
		reply(w, items[0])
		return
	}
	size, number := atLeastOne(q.Get("per_page"), 30), atLeastOne(q.Get("page"), 1)
	from := min((number-1)*size, len(items))
	to := min(from+size, len(items))
	if to < len(items) {
		q.Set("page", strconv.Itoa(number+1))
		a.link(w, r, path, q.Encode())
	}
	wrap := path[strings.LastIndex(path, "/")+1:]
	if wrap == "runners" || wrap == "installations" || wrap == "secrets" {
		reply(w, Object{"total_count": len(items), wrap: listed(items[from:to])})
		return
	}
	reply(w, listed(items[from:to]))
}

// serveAudit serves a page of the audit log from a time on.
func (a *API) serveAudit(w http.ResponseWriter, r *http.Request, path string) {
	q := r.URL.Query()
	since, err := time.Parse("2006-01-02T15:04:05+00:00", strings.TrimPrefix(q.Get("phrase"), "created:>="))
	if err != nil || q.Get("order") != "asc" || q.Get("include") != "all" {
		refuse(w, http.StatusUnprocessableEntity, "not as the collector asks")
		return
	}
	var items []Object
	for _, o := range a.lists[path] {
		if at, ok := o["@timestamp"].(int64); ok && at >= since.UnixMilli() {
			items = append(items, o)
		}
	}
	size := atLeastOne(q.Get("per_page"), 30)
	from, _ := strconv.Atoi(q.Get("after"))
	to := min(from+size, len(items))
	if to < len(items) {
		q.Set("after", strconv.Itoa(to))
		a.link(w, r, path, q.Encode())
	}
	reply(w, listed(items[from:to]))
}

// link names the next page, of an organisation by its id, as GitHub does.
func (a *API) link(w http.ResponseWriter, r *http.Request, path, query string) {
	parts := strings.SplitN(path, "/", 4)
	if org := a.lists["/orgs/"+parts[2]]; parts[1] == "orgs" && len(org) == 1 {
		path = fmt.Sprint("/organizations/", org[0]["id"], "/", parts[3])
	}
	scheme, host := r.URL.Scheme, r.URL.Host
	if scheme == "" {
		scheme, host = "http", r.Host
	}
	w.Header().Set("Link", fmt.Sprintf(`<%s://%s%s?%s>; rel="next", <%s://%s%s?page=9>; rel="last"`, scheme, host, path, query, scheme, host, path))
}

// serveApp serves what an App asks for as itself.
func (a *API) serveApp(w http.ResponseWriter, r *http.Request, bearer string) {
	if err := a.verify(bearer); err != nil {
		refuse(w, http.StatusUnauthorized, err.Error())
		return
	}
	for org, i := range a.installations {
		switch r.Method + " " + r.URL.Path {
		case "GET /orgs/" + org + "/installation", "GET /app/installations/" + strconv.FormatInt(i.ID, 10):
			found := Object{"id": i.ID, "account": Object{"login": org}, "repository_selection": i.Selection, "suspended_at": nil}
			if i.Suspended {
				found["suspended_at"] = "2026-01-01T00:00:00Z"
			}
			reply(w, found)
			return
		case "POST /app/installations/" + strconv.FormatInt(i.ID, 10) + "/access_tokens":
			a.minted++
			w.WriteHeader(http.StatusCreated)
			reply(w, Object{"token": fmt.Sprint("ghs_minted", a.minted), "expires_at": time.Now().Add(time.Hour).UTC().Format(time.RFC3339)})
			return
		}
	}
	refuse(w, http.StatusNotFound, "Not Found")
}

// verify checks an App's JSON Web Token.
func (a *API) verify(jwt string) error {
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		return fmt.Errorf("a JSON web token could not be decoded")
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return fmt.Errorf("decoding the signature: %w", err)
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err := rsa.VerifyPKCS1v15(a.app, crypto.SHA256, sum[:], signature); err != nil {
		return fmt.Errorf("checking the signature: %w", err)
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return fmt.Errorf("decoding the claims: %w", err)
	}
	var claims struct {
		IssuedAt int64  `json:"iat"`
		Expires  int64  `json:"exp"`
		Issuer   string `json:"iss"`
	}
	now := time.Now().Unix()
	if err := json.Unmarshal(text, &claims); err != nil || claims.Issuer != a.appID || claims.IssuedAt > now-50 || claims.Expires > now+600 || claims.Expires < now {
		return fmt.Errorf("'Expiration time' claim, 'Issued at' or 'Issuer' is not accepted")
	}
	return nil
}

// listed makes an absent list an empty one.
func listed(items []Object) []Object {
	if items == nil {
		return []Object{}
	}
	return items
}

func atLeastOne(text string, otherwise int) int {
	if n, err := strconv.Atoi(text); err == nil && n > 0 {
		return n
	}
	return otherwise
}

func reply(w http.ResponseWriter, v any) { _ = json.NewEncoder(w).Encode(v) }

func refuse(w http.ResponseWriter, status int, message string) {
	w.WriteHeader(status)
	reply(w, Object{"message": message, "status": strconv.Itoa(status)})
}
