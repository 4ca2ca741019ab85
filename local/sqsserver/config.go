package sqsserver

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// config is a queue's settable attributes, parsed.
type config struct {
	visibility, retention, delay, wait time.Duration
	maxSize                            int
	redrive                            *redrivePolicy
	allow                              *redriveAllowPolicy
}

// redrivePolicy is the RedrivePolicy attribute.
type redrivePolicy struct {
	Target string `json:"deadLetterTargetArn"`
	Max    int    `json:"maxReceiveCount"`
}

// redriveAllowPolicy is the RedriveAllowPolicy attribute.
type redriveAllowPolicy struct {
	Permission string   `json:"redrivePermission"`
	Sources    []string `json:"sourceQueueArns,omitempty"`
}

// allows reports whether the queue with this policy may be the dead-letter queue of the queue source.
func (p *redriveAllowPolicy) allows(source string) bool {
	if p == nil || p.Permission == "allowAll" {
		return true
	}
	return p.Permission == "byQueue" && slices.Contains(p.Sources, source)
}

// defaultAttributes returns the attributes of a queue that was created without any.
func defaultAttributes() map[string]string {
	return map[string]string{
		"VisibilityTimeout":             "30",
		"MessageRetentionPeriod":        "345600",
		"DelaySeconds":                  "0",
		"MaximumMessageSize":            strconv.Itoa(maxMessageSize),
		"ReceiveMessageWaitTimeSeconds": "0",
		"SqsManagedSseEnabled":          "true",
	}
}

// normalise checks the settable attribute name and returns its value as the service stores it; an empty result
// deletes the attribute.
func normalise(name, value string) (string, *apiError) {
	number := func(least, most int64) (string, *apiError) {
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < least || n > most {
			return "", errAttributeValue(name, "")
		}
		return strconv.FormatInt(n, 10), nil
	}
	switch name {
	case "VisibilityTimeout":
		return number(0, maxVisibility)
	case "MessageRetentionPeriod":
		return number(minRetention, maxRetention)
	case "DelaySeconds":
		return number(0, maxDelay)
	case "MaximumMessageSize":
		return number(minMessageSize, maxMessageSize)
	case "ReceiveMessageWaitTimeSeconds":
		return number(0, maxWait)
	case "KmsDataKeyReusePeriodSeconds":
		return number(60, 86_400)
	case "SqsManagedSseEnabled":
		if lower := strings.ToLower(value); lower == "true" || lower == "false" {
			return lower, nil
		}
		return "", errAttributeValue(name, "")
	case "KmsMasterKeyId":
		if len(value) > 2048 {
			return "", errAttributeValue(name, "")
		}
		return value, nil
	case "Policy":
		if value != "" && !json.Valid([]byte(value)) {
			return "", errAttributeValue(name, "")
		}
		return value, nil
	case "RedrivePolicy":
		return normaliseRedrive(value)
	case "RedriveAllowPolicy":
		return normaliseAllow(value)
	case "FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit":
		return "", errUnsupported("FIFO queues are not supported by this server: " + name + " can't be set.")
	}
	return "", errAttributeName(name)
}

func normaliseRedrive(value string) (string, *apiError) {
	if value == "" {
		return "", nil
	}
	var policy struct {
		Target *string         `json:"deadLetterTargetArn"`
		Max    json.RawMessage `json:"maxReceiveCount"`
	}
	if err := json.Unmarshal([]byte(value), &policy); err != nil {
		return "", errValue(shorten(value), "RedrivePolicy", "Redrive policy is not a valid JSON map.")
	}
	if policy.Target == nil {
		return "", errValue(shorten(value), "RedrivePolicy", "Redrive policy does not contain mandatory attribute: deadLetterTargetArn.")
	}
	if len(policy.Max) == 0 {
		return "", errValue(shorten(value), "RedrivePolicy", "Redrive policy does not contain mandatory attribute: maxReceiveCount.")
	}
	// The service accepts the count as a number or as text.
	most, err := strconv.Atoi(strings.Trim(string(policy.Max), `"`))
	if err != nil || most < 1 || most > maxReceiveCountLimit {
		return "", errValue(shorten(value), "RedrivePolicy", "Invalid value for maxReceiveCount: "+shorten(string(policy.Max))+", valid values are from 1 to 1000 both inclusive.")
	}
	return marshal(redrivePolicy{Target: *policy.Target, Max: most}), nil
}

func normaliseAllow(value string) (string, *apiError) {
	if value == "" {
		return "", nil
	}
	var policy redriveAllowPolicy
	if err := json.Unmarshal([]byte(value), &policy); err != nil {
		return "", errValue(shorten(value), "RedriveAllowPolicy", "Redrive allow policy is not a valid JSON map.")
	}
	switch policy.Permission {
	case "allowAll", "denyAll":
		if len(policy.Sources) > 0 {
			return "", errValue(shorten(value), "RedriveAllowPolicy", "sourceQueueArns can be given only when redrivePermission is byQueue.")
		}
	case "byQueue":
		if len(policy.Sources) < 1 || len(policy.Sources) > maxSourceArns {
			return "", errValue(shorten(value), "RedriveAllowPolicy", "sourceQueueArns must name 1 to 10 queues.")
		}
	default:
		return "", errValue(shorten(value), "RedriveAllowPolicy", "redrivePermission must be allowAll, denyAll or byQueue.")
	}
	return marshal(policy), nil
}

// marshal encodes a value whose encoding cannot fail.
func marshal(v any) string {
	b, _ := json.Marshal(v) // strings, numbers and lists of them
	return string(b)
}

// parseConfig parses attributes that normalise has accepted.
func parseConfig(attributes map[string]string) config {
	seconds := func(name string) time.Duration {
		n, _ := strconv.ParseInt(attributes[name], 10, 64) // accepted before
		return time.Duration(n) * time.Second
	}
	size, _ := strconv.Atoi(attributes["MaximumMessageSize"]) // accepted before
	c := config{
		visibility: seconds("VisibilityTimeout"), retention: seconds("MessageRetentionPeriod"),
		delay: seconds("DelaySeconds"), wait: seconds("ReceiveMessageWaitTimeSeconds"), maxSize: size,
	}
	if text := attributes["RedrivePolicy"]; text != "" {
		c.redrive = new(redrivePolicy)
		if json.Unmarshal([]byte(text), c.redrive) != nil {
			c.redrive = nil
		}
	}
	if text := attributes["RedriveAllowPolicy"]; text != "" {
		c.allow = new(redriveAllowPolicy)
		if json.Unmarshal([]byte(text), c.allow) != nil {
			c.allow = nil
		}
	}
	return c
}
