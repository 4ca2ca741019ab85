package github

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/google/uuid"

	"polo/envelope"
	"polo/producers/exchange"
)

// Delivery is one delivery of a webhook.
type Delivery struct {
	// Event and ID are its headers X-GitHub-Event and X-GitHub-Delivery. GitHub delivers a
	// fact again, or to another webhook, with the same ID.
	Event, ID string
	// Payload is its JSON text.
	Payload []byte
	// Received is when it was received.
	Received time.Time
}

// Host returns the server's name as its deliveries state it in X-GitHub-Enterprise-Host; empty
// of github.com.
func (c Config) Host() string {
	if at := c.place(); at != placeOf("") {
		return at.host
	}
	return ""
}

// WebhookEvents returns the events of a delivery by the setting's server. The same fact has
// the same ids however often it is delivered, as far as the payload or the id states a time.
// An error quotes nothing of the payload.
func (c Config) WebhookEvents(d Delivery) ([]envelope.ResourceEvent, error) {
	var payload object
	if err := decodeOnly(d.Payload, &payload); err != nil {
		return nil, err
	}
	h := http.Header{"X-Github-Event": {d.Event}, "X-Github-Delivery": {d.ID}}
	if host := c.Host(); host != "" {
		h.Set("X-Github-Enterprise-Host", host)
	}
	received := d.Received.UTC().Truncate(time.Millisecond)
	events, err := webhook(&exchange.Exchange{Header: h, Body: d.Payload}, payload, deliveredAt(d.ID, received))
	if err != nil {
		return nil, err
	}
	for i := range events {
		events[i].ObservedAt = received
	}
	return events, nil
}

// decodeOnly decodes text that is one JSON object and nothing else.
func decodeOnly(text []byte, into *object) error {
	d := decoder(text)
	if err := d.Decode(into); err != nil || *into == nil {
		return errors.New("the payload is not a JSON object")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("more than white space follows the payload at byte %d", d.InputOffset())
	}
	return nil
}

// oldestDelivery is the age up to which the time in an id is believed. GitHub delivers what is
// younger than three days again; the rest is for queues.
const oldestDelivery = 60 * 24 * time.Hour

// deliveredAt returns the time of a delivery whose payload states none: the time that a version 1
// UUID has in it, which a redelivery repeats, else when it was received.
func deliveredAt(id string, received time.Time) time.Time {
	guid, err := uuid.Parse(id)
	if err != nil || guid.Version() != 1 {
		return received
	}
	at := time.Unix(guid.Time().UnixTime()).UTC().Truncate(time.Millisecond)
	if at.After(received.Add(time.Hour)) || at.Before(received.Add(-oldestDelivery)) {
		return received
	}
	return at
}
