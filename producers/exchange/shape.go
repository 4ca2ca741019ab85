package exchange

import (
	"cmp"
	"errors"
	"net/http"
	"strings"
)

// shape is how an exchange is written.
type shape int

const (
	bare     shape = iota // an answer or a payload itself
	pair                  // {"request": ..., "response": ...}
	flat                  // {"method", "path", "status", "response"}
	delivery              // {"headers", "payload"}
	sent                  // a delivery as the sender shows it: {"request": {"headers", "payload"}, "response": ...}
)

// read reads an object of the shape. where is the member that an error is about.
func (s shape) read(o object) (e Exchange, where string, err error) {
	switch s {
	case pair:
		return readPair(o)
	case flat:
		return readFlat(o)
	case delivery:
		return readDelivery(o)
	case sent:
		return readSent(o)
	}
	return Exchange{Status: http.StatusOK}, "", nil
}

func shapeOf(o object) shape {
	_, answered := o["response"]
	request := asObject(o["request"])
	switch {
	case answered && request.has("method", "url", "uri"):
		return pair
	case answered && request.has("payload") && request.has("headers"):
		return sent
	case o.text("method") != "" && o.text("path", "url", "uri") != "" && (answered || o.has("scope")): // a line of a log has neither
		return flat
	case (begins(o["headers"], '{') || begins(o["headers"], '[')) && o.has("payload", "body"):
		return delivery
	}
	return bare
}

func readPair(o object) (e Exchange, where string, err error) {
	request, response := asObject(o["request"]), asObject(o["response"])
	e.Method = strings.ToUpper(cmp.Or(request.text("method"), http.MethodGet))
	if e.URL, err = parseURL(request.text("url", "uri"), ""); err != nil {
		return e, "/request/url", err
	}
	if e.URL.Host == "" {
		e.URL.Host = strings.ToLower(request.text("host"))
	}
	sent := request.pick("body", "postdata")
	e.RequestBody = requestBody(sent)
	if o.has("response") && response == nil {
		return e, "/response", errors.New("not an object")
	}
	if e.Status, err = statusOf(response.pick("code", "statuscode", "status")); err != nil {
		return e, "/response/status", err
	}
	e.Header = header(response.pick("rawheaders", "headers"))
	e.At = timeOf(o, e.Header)
	if e.Body, err = body(response.pick("body", "content"), false); err != nil {
		return e, "/response/body", err
	}
	return e, "", nil
}

func readFlat(o object) (e Exchange, where string, err error) {
	e.Method = strings.ToUpper(o.text("method"))
	if e.URL, err = parseURL(o.text("path", "url", "uri"), o.text("scope", "host", "basepath")); err != nil {
		return e, "/path", err
	}
	sent, answer := o.pick("body", "requestbody"), o.pick("response", "responsebody")
	if answer == nil && !o.has("requestbody") {
		if _, ok := o["response"]; !ok {
			sent, answer = nil, sent
		}
	}
	e.RequestBody = requestBody(sent)
	if e.Status, err = statusOf(o.pick("status", "statuscode", "code")); err != nil {
		return e, "/status", err
	}
	e.Header = header(o.pick("rawheaders", "responseheaders", "headers"))
	e.At = timeOf(o, e.Header)
	if e.Body, err = body(answer, string(o["responseisbinary"]) == "true"); err != nil {
		return e, "/response", err
	}
	return e, "", nil
}

func readDelivery(o object) (e Exchange, where string, err error) {
	e.Status, e.Header = http.StatusOK, header(o["headers"])
	e.At = timeOf(o, e.Header)
	if e.Body, err = body(o.pick("payload", "body"), string(o["isbase64encoded"]) == "true"); err != nil {
		return e, "/payload", err
	}
	return e, "", nil
}

func readSent(o object) (e Exchange, where string, err error) {
	request := asObject(o["request"])
	e, where, err = readDelivery(request)
	if e.At = timeOf(o, nil); where != "" {
		where = "/request" + where
	}
	return e, where, err
}
