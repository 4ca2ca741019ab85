package webhooks

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"polo/internal/queue"
)

// The headers of a delivery that are read.
const (
	headerEvent     = "X-Github-Event"
	headerID        = "X-Github-Delivery"
	headerSignature = "X-Hub-Signature-256"
	headerHost      = "X-Github-Enterprise-Host"
)

// maxBody is the largest message in bytes: the most that SQS carries.
const maxBody = 1 << 20

// Headers that are not signed become part of events.
var (
	eventNames  = regexp.MustCompile(`^[a-z][a-z0-9_]{0,99}$`)
	deliveryIDs = regexp.MustCompile(`^[A-Za-z0-9-]{1,100}$`)
)

// delivery is a message as GitHub sent it to the receiver.
type delivery struct {
	header http.Header
	// body is what is signed.
	body []byte
}

// parse reads a message: the body with the headers as message attributes, or both in one
// JSON object. An error quotes nothing of it.
func parse(m *queue.Message) (delivery, error) {
	if len(m.Body) > maxBody {
		return delivery{}, fmt.Errorf("the message has %d bytes, more than %d", len(m.Body), maxBody)
	}
	d := delivery{header: http.Header{}}
	for name, value := range m.Attributes {
		d.add(name, value)
	}
	d.body = []byte(m.Body)
	if len(d.header) == 0 {
		if err := d.unwrap(); err != nil {
			return delivery{}, err
		}
	}
	for _, name := range []string{headerEvent, headerID, headerSignature} {
		switch values := d.header[name]; {
		case len(values) == 0:
			return delivery{}, fmt.Errorf("it has no %s, neither as a message attribute nor in headers", name)
		case len(values) > 1:
			return delivery{}, fmt.Errorf("it has several %s", name)
		}
	}
	if !eventNames.MatchString(d.header.Get(headerEvent)) || !deliveryIDs.MatchString(d.header.Get(headerID)) {
		return delivery{}, fmt.Errorf("its %s or %s is not as GitHub writes it", headerEvent, headerID)
	}
	return d, nil
}

// add keeps a header that is read, whatever the case of its name.
func (d *delivery) add(name, value string) {
	switch name = http.CanonicalHeaderKey(name); name {
	case headerEvent, headerID, headerSignature, headerHost:
		d.header.Add(name, value)
	}
}

// unwrap reads {"headers":{...},"body":"...","isBase64Encoded":false}. A header's value is
// text, or a list of one text.
func (d *delivery) unwrap() error {
	var m struct {
		Headers map[string]json.RawMessage `json:"headers"`
		Body    *string                    `json:"body"`
		Base64  bool                       `json:"isBase64Encoded"`
	}
	if json.Unmarshal(d.body, &m) != nil || m.Headers == nil || m.Body == nil {
		return fmt.Errorf(`it has no %s as a message attribute, and is no {"headers":{...},"body":"..."}`, headerSignature)
	}
	for name, value := range m.Headers {
		var one string
		var several []string
		switch {
		case json.Unmarshal(value, &one) == nil:
			d.add(name, one)
		case json.Unmarshal(value, &several) == nil:
			for _, v := range several {
				d.add(name, v)
			}
		}
	}
	d.body = []byte(*m.Body)
	if m.Base64 {
		body, err := base64.StdEncoding.DecodeString(*m.Body)
		if err != nil {
			return errors.New("its body is not base64, as isBase64Encoded says")
		}
		d.body = body
	}
	return nil
}

// payload returns the JSON text of the body, which a webhook may also send as a form.
func (d *delivery) payload() ([]byte, error) {
	form, ok := strings.CutPrefix(string(d.body), "payload=")
	if !ok {
		return d.body, nil
	}
	text, err := url.QueryUnescape(form)
	if err != nil {
		return nil, errors.New("the body is a form whose payload is not escaped as forms are")
	}
	return []byte(text), nil
}
