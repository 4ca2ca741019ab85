package cloudtrail

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/go-faster/jx"

	"polo/envelope"
	"polo/internal/queue"
	"polo/producers/cloudtrail/jsontext"
	"polo/producers/cloudtrail/resolve"
)

// Sources of the events of this package.
const (
	SourceCloudTrail  = "aws.cloudtrail"
	SourceEventBridge = "aws.eventbridge"
	SourceConfig      = "aws.config"
)

// Config configures a Normaliser.
type Config struct {
	// Identity maps a resource's tags to an owner; nil means no owner.
	Identity func(tags envelope.Pairs) (customer, cluster, index string)
}

// Normaliser turns records into events. It is safe for concurrent use.
type Normaliser struct {
	config Config
	pool   sync.Pool
}

// memory is what normalising one record keeps for the next.
type memory struct {
	*resolve.Resolver
	// callers are identities without secrets.
	callers map[string]struct{}
}

// NewNormaliser returns a Normaliser with its tables loaded.
func NewNormaliser(config Config) *Normaliser {
	n := &Normaliser{config: config}
	n.pool.New = func() any {
		return &memory{Resolver: resolve.New(), callers: map[string]struct{}{}}
	}
	return n
}

// Outcome is the result for one record.
type Outcome struct {
	// Events holds the activity first, then the resource events, if any.
	Events []envelope.ResourceEvent
	// How says where the activity's ARN came from.
	How resolve.Resolution
}

// Normalise returns the events of one record: a CloudTrail record, or an EventBridge event,
// LookupEvents entry or log line that holds one. The result depends on nothing else. record is
// not kept. An error is a *RecordError, or ErrControlMessage.
func (n *Normaliser) Normalise(data []byte, observedAt time.Time) (Outcome, error) {
	return n.normalise(data, observedAt, nil)
}

// normalise is Normalise, and fills in why if it is set.
func (n *Normaliser) normalise(data []byte, observedAt time.Time, why *Explanation) (Outcome, error) {
	if !jx.Valid(data) {
		return Outcome{}, malformed("not valid JSON")
	}
	text := string(data)
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	r, err := unwrap(text, validJSON)
	if err != nil {
		return Outcome{}, err
	}
	kept := n.pool.Get().(*memory)
	defer func() {
		kept.Reset()
		n.pool.Put(kept)
	}()
	// The identity comes from the original text: two records that differ only in a secret are
	// two.
	r.withoutSecrets(kept.callers) //mutant:records-keep-secrets
	m := maker{n: n, call: resolve.Call{Resolver: kept.Resolver}, r: r, observedAt: observedAt.UTC().Truncate(time.Millisecond), explanation: why}
	switch {
	case strings.HasPrefix(r.wrapped, controlText):
		return Outcome{}, ErrControlMessage
	case strings.HasPrefix(r.eventSource, "aws:"):
		return Outcome{}, unknown("a notification of another AWS service, not a CloudTrail record")
	case r.lacks() == "":
		return m.cloudTrail(text)
	case r.detailType != "" && r.source != "":
		return m.eventBridge(text)
	case r.configRule != "":
		return m.configChange(text)
	case r.known == 0 && r.members > 0 && r.detail == "":
		return Outcome{}, unknown("has none of the members of a CloudTrail record")
	}
	return Outcome{}, malformed("%s: missing", r.lacks())
}

// controlText is the start of the message by which CloudWatch Logs checks a subscription.
const controlText = "CWL CONTROL MESSAGE"

// ErrControlMessage means a message by which CloudWatch Logs checks a subscription. It holds no
// record and is not a fault.
var ErrControlMessage = errors.New("a control message of CloudWatch Logs, which holds no record")

func unknown(format string, args ...any) *RecordError {
	e := malformed(format, args...)
	e.Reason = queue.ReasonUnknownRecord
	return e
}

// identityOf returns the record's own id, or one made from its content.
func identityOf(id, text string) string {
	if id != "" {
		return id
	}
	sum := sha256.Sum256([]byte(jsontext.Canonical(text, nil)))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// ReasonOf returns the reason code of an error of Normalise.
func ReasonOf(err error) queue.Reason {
	var e *RecordError
	if errors.As(err, &e) {
		return e.Reason
	}
	return queue.ReasonMalformedRecord
}

func validJSON(s string) bool { return jx.Valid([]byte(s)) }
