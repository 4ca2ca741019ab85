package datadog

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"polo/envelope"
	"polo/internal/httpsource"
	"polo/internal/redact"
)

// entry is an event of the audit trail.
type entry struct {
	ID         string `json:"id"`
	Attributes struct {
		Timestamp  time.Time `json:"timestamp"`
		Service    string    `json:"service"`
		Attributes struct {
			Action     string `json:"action"`
			Status     string `json:"status"`
			AuthMethod string `json:"auth_method"`
			Event      struct {
				Name  string `json:"name"`
				Actor struct {
					Type string `json:"type"`
				} `json:"actor"`
			} `json:"evt"`
			User struct {
				Email string `json:"email"`
				ID    any    `json:"id"`
				UUID  string `json:"uuid"`
			} `json:"usr"`
			Asset struct {
				Type string `json:"type"`
				ID   any    `json:"id"`
				Name any    `json:"name"`
			} `json:"asset"`
			HTTP struct {
				Method string `json:"method"`
				Status any    `json:"status_code"`
				Agent  string `json:"useragent"`
				URL    struct {
					Path string `json:"path"`
				} `json:"url_details"`
			} `json:"http"`
			Network struct {
				Client struct {
					IP string `json:"ip"`
				} `json:"client"`
			} `json:"network"`
		} `json:"attributes"`
	} `json:"attributes"`
}

// entries returns the events of an answer, and the cursor of the next page. A search that
// timed out has no answer.
//
// Source: Datadog, "Audit" API, get a list of audit logs events.
func entries(a *httpsource.Answer) (all []entry, next string, err error) {
	var body struct {
		Data *[]entry `json:"data"`
		Meta struct {
			Page struct {
				After string `json:"after"`
			} `json:"page"`
			Status string `json:"status"`
		} `json:"meta"`
	}
	if err := a.Decode(&body); err != nil {
		return nil, "", err
	}
	switch {
	case body.Data == nil:
		return nil, "", a.Invalid("its answer has no data")
	case body.Meta.Status != "" && body.Meta.Status != "done":
		return nil, "", a.Invalid("its search ended as %s", body.Meta.Status)
	}
	return *body.Data, body.Meta.Page.After, nil
}

// assetKind is of types that make a key: "monitor", "dashboard", "api_key".
var assetKind = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// events returns what an entry states: what was done and, if that changed a resource with a
// key, the change. Values before and after, and the entry's text, are not kept.
func (n *entry) events(organisation, site string) ([]envelope.ResourceEvent, error) {
	at, ts := &n.Attributes.Attributes, n.Attributes.Timestamp.UTC().Truncate(time.Millisecond)
	if n.ID == "" || ts.IsZero() {
		return nil, fmt.Errorf("it has no id or no timestamp")
	}
	e := envelope.ResourceEvent{
		EventID: envelope.NewEventID(AuditSource, ts, n.ID), EventType: envelope.TypeAPICall, Source: AuditSource, TS: ts,
		Platform: envelope.PlatformDatadog, AccountID: organisation, Region: site, Service: n.Attributes.Service, Actor: n.actor(),
	}
	if at.Status == "error" {
		e.ErrorCode = "error"
		if code := textAny(at.HTTP.Status); code != "" {
			e.ErrorCode = code
		}
	}
	id := assetID(at.Asset.Type, textAny(at.Asset.ID))
	e.ResourceID, e.ResourceName = id, redact.Text(textOf(at.Asset.Name))
	if organisation != "" && id != "" && assetKind.MatchString(at.Asset.Type) {
		arn := envelope.DatadogARN(organisation, at.Asset.Type, id)
		e.ARN, e.ResourceType = arn.String(), arn.ResourceType()
	}
	for name, v := range map[string]string{
		"action": at.Action, "event_name": at.Event.Name, "actor_type": at.Event.Actor.Type, "auth_method": at.AuthMethod, "asset_type": at.Asset.Type,
		"method": at.HTTP.Method, "path": pathOf(at.HTTP.URL.Path), "status_code": textAny(at.HTTP.Status), "user_agent": at.HTTP.Agent,
		"source_ip": at.Network.Client.IP, "user_uuid": at.User.UUID, "event_id": n.ID,
	} {
		e.Properties.SetSome(name, redact.Value(name, v))
	}
	all := []envelope.ResourceEvent{e}
	change := map[string]string{
		"created": envelope.TypeResourceCreated, "modified": envelope.TypeResourceUpdated, "deleted": envelope.TypeResourceDeleted,
	}[at.Action]
	if change == "" || e.ARN == "" || e.ErrorCode != "" {
		return all, nil
	}
	changed := e
	changed.EventType, changed.EventID = change, envelope.NewEventID(AuditSource, ts, n.ID, change, e.ARN)
	changed.Properties = envelope.Pairs{}
	changed.Properties.Set("event_id", n.ID)
	changed.Properties.SetSome("event_name", at.Event.Name)
	return append(all, changed), nil
}

// actor returns who did it: an address, else an id, else a kind of actor.
func (n *entry) actor() string {
	at := &n.Attributes.Attributes
	for _, who := range []string{at.User.Email, textAny(at.User.ID), at.User.UUID, at.Event.Actor.Type} {
		if who != "" {
			return who
		}
	}
	return ""
}

var isUUID = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// assetID returns an asset's id, if it makes a key and is no secret: the id of a key or a
// token may be the key itself, unless it is a UUID.
func assetID(kind, id string) string {
	if !isUUID.MatchString(id) && (ofKeys(kind) || redact.Value(kind, id) != id || notKey.MatchString(id)) {
		return ""
	}
	return id
}

// ofKeys reports whether a type or a part of a path names keys or tokens.
func ofKeys(name string) bool { return redact.Name(name) || keyName.MatchString(name) }

var keyName = regexp.MustCompile(`(?i)[a-z][_-]keys?$`)

// pathOf returns a request's path without the ids that may be keys, as those of v1 are, and without the tokens of
// what is shared: /api/v1/dashboard/public/TOKEN.
func pathOf(text string) string {
	parts := strings.Split(text, "/")
	for i := 1; i < len(parts); i++ {
		if parts[i] != "" && (ofKeys(parts[i-1]) || parts[i-1] == "public") && !isUUID.MatchString(parts[i]) {
			parts[i] = redact.Mark
		}
	}
	return strings.Join(parts, "/")
}

// notKey is of ids that no key holds: its parts have no slash, and it has 2048 bytes.
var notKey = regexp.MustCompile(`[/\s]|^.{201}`)

// textAny returns a text or a number as text.
func textAny(v any) string {
	return textAt(map[string]any{"v": v}, "v")
}
