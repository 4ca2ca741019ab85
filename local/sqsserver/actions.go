package sqsserver

import (
	"encoding/base64"
	"net/url"
	"strings"

	"github.com/go-faster/jx"
)

// actions returns the server's actions by their name in the protocol.
func actions() map[string]action {
	return map[string]action{
		"AddPermission":                {do: (*Server).addPermission},
		"CancelMessageMoveTask":        {do: (*Server).cancelMoveTask, reads: true},
		"ChangeMessageVisibility":      {do: (*Server).changeVisibility},
		"ChangeMessageVisibilityBatch": {do: (*Server).changeVisibilityBatch},
		"CreateQueue":                  {do: (*Server).createQueue},
		"DeleteMessage":                {do: (*Server).deleteMessage, acked: true},
		"DeleteMessageBatch":           {do: (*Server).deleteMessageBatch, acked: true},
		"DeleteQueue":                  {do: (*Server).deleteQueue},
		"GetQueueAttributes":           {do: (*Server).getQueueAttributes, reads: true},
		"GetQueueUrl":                  {do: (*Server).getQueueURL, reads: true},
		"ListDeadLetterSourceQueues":   {do: (*Server).listSources, reads: true},
		"ListMessageMoveTasks":         {do: (*Server).listMoveTasks, reads: true},
		"ListQueueTags":                {do: (*Server).listQueueTags, reads: true},
		"ListQueues":                   {do: (*Server).listQueues, reads: true},
		"PurgeQueue":                   {do: (*Server).purgeQueue},
		"ReceiveMessage":               {do: (*Server).receiveMessage},
		"RemovePermission":             {do: (*Server).removePermission},
		"SendMessage":                  {do: (*Server).sendMessage, acked: true},
		"SendMessageBatch":             {do: (*Server).sendMessageBatch, acked: true},
		"SetQueueAttributes":           {do: (*Server).setQueueAttributes},
		"StartMessageMoveTask":         {do: (*Server).startMoveTask},
		"TagQueue":                     {do: (*Server).tagQueue},
		"UntagQueue":                   {do: (*Server).untagQueue},
	}
}

// find returns the queue a call's URL names. The host does not matter. The caller holds the mutex.
func (s *Server) find(address string) (*queue, error) {
	if address == "" {
		return nil, errMissing("QueueUrl")
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, errInvalidAddress(shorten(address))
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	if len(parts) < 2 {
		return nil, errInvalidAddress(shorten(address))
	}
	account, name := parts[len(parts)-2], parts[len(parts)-1]
	q := s.queues[name]
	if q == nil || account != s.options.Account {
		return nil, errNoQueue()
	}
	return q, nil
}

// findARN returns the queue with an ARN, or nil. The caller holds the mutex.
func (s *Server) findARN(arn string) *queue {
	if q := s.queues[arn[strings.LastIndexByte(arn, ':')+1:]]; q != nil && q.arn == arn {
		return q
	}
	return nil
}

func (s *Server) url(c *call, name string) string {
	return c.base + "/" + s.options.Account + "/" + name
}

// empty writes the response of an action without output.
func (c *call) empty() error {
	c.out.RawStr("{}")
	return nil
}

// field writes the name of a field, after a comma unless it is the first of its object.
func field(w *jx.Writer, first *bool, name string) {
	if !*first {
		w.Comma()
	}
	*first = false
	w.FieldStart(name)
}

func writeMap(w *jx.Writer, keys []string, m map[string]string) {
	w.ObjStart()
	first := true
	for _, key := range keys {
		field(w, &first, key)
		w.Str(m[key])
	}
	w.ObjEnd()
}

// writePage writes the URLs of the queues in names that belong to the page at the call's token.
func (s *Server) writePage(c *call, list string, names []string) error {
	most := int(c.maxResults.or(maxListResults))
	if most < 1 || most > maxListResults {
		return errValue(c.maxResults.value, "MaxResults", "Must be between 1 and 1000, if provided.")
	}
	if c.nextToken != "" {
		after, err := base64.URLEncoding.DecodeString(c.nextToken)
		if err != nil {
			return errParameter("Invalid or expired next token.")
		}
		for len(names) > 0 && names[0] <= string(after) {
			names = names[1:]
		}
	}
	token := ""
	if len(names) > most {
		names = names[:most]
		token = base64.URLEncoding.EncodeToString([]byte(names[most-1]))
	}
	w, first := c.out, true
	w.ObjStart()
	if len(names) > 0 || list == "queueUrls" {
		field(w, &first, list)
		w.ArrStart()
		for i, name := range names {
			if i > 0 {
				w.Comma()
			}
			w.Str(s.url(c, name))
		}
		w.ArrEnd()
	}
	// Only a caller that pages gets a token for the next page.
	if token != "" && c.maxResults.set {
		field(w, &first, "NextToken")
		w.Str(token)
	}
	w.ObjEnd()
	return nil
}
