package sqsserver

import (
	"maps"
	"slices"
	"strconv"
)

// normaliseAll checks a call's attributes, each by itself and against the others.
func normaliseAll(attributes map[string]string) (map[string]string, error) {
	given := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		value, err := normalise(name, attributes[name])
		if err != nil {
			return nil, err
		}
		given[name] = value
	}
	if given["KmsMasterKeyId"] != "" {
		if given["SqsManagedSseEnabled"] == "true" {
			return nil, errAttributeValue("SqsManagedSseEnabled", "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.")
		}
		given["SqsManagedSseEnabled"] = "false"
	}
	return given, nil
}

// merge sets the given attributes and deletes those given as empty.
func merge(attributes, given map[string]string) {
	for name, value := range given {
		if value == "" {
			delete(attributes, name)
		} else {
			attributes[name] = value
		}
	}
	switch {
	case attributes["KmsMasterKeyId"] == "":
	case given["SqsManagedSseEnabled"] == "true":
		delete(attributes, "KmsMasterKeyId") // SQS's own encryption takes its place
	case attributes["KmsDataKeyReusePeriodSeconds"] == "":
		attributes["KmsDataKeyReusePeriodSeconds"] = "300"
	}
}

func (s *Server) setQueueAttributes(c *call) error {
	if c.attributes == nil {
		return errMissing("Attributes")
	}
	given, err := normaliseAll(c.attributes)
	if err != nil {
		return err
	}
	s.mu.Lock()
	q, err := s.find(c.queueURL)
	if err == nil {
		err = s.checkRedrive(q.arn, given)
	}
	if err != nil {
		s.mu.Unlock()
		return err
	}
	attributes := maps.Clone(q.attributes)
	merge(attributes, given)
	q.reconfigure(attributes, s.now())
	g := s.store.add(putQueue(q))
	s.mu.Unlock()
	if err := g.wait(); err != nil {
		return err
	}
	return c.empty()
}

// readOnly lists the attributes that a queue computes.
func readOnly() []string {
	return []string{
		"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed", "ApproximateNumberOfMessagesNotVisible",
		"CreatedTimestamp", "LastModifiedTimestamp", "QueueArn",
	}
}

// optionalAttributes lists the settable attributes that a queue may lack.
func optionalAttributes() []string {
	return []string{
		"KmsDataKeyReusePeriodSeconds", "KmsMasterKeyId", "Policy", "RedriveAllowPolicy", "RedrivePolicy",
		"ContentBasedDeduplication", "DeduplicationScope", "FifoQueue", "FifoThroughputLimit",
	}
}

func (s *Server) getQueueAttributes(c *call) error {
	known := defaultAttributes()
	for _, name := range slices.Concat(readOnly(), optionalAttributes()) {
		known[name] = ""
	}
	all := false
	for _, name := range c.attributeNames {
		if _, ok := known[name]; !ok && name != "All" {
			return errAttributeName(shorten(name))
		}
		all = all || name == "All"
	}
	s.mu.Lock()
	q, err := s.find(c.queueURL)
	if err != nil {
		s.mu.Unlock()
		return err
	}
	now := s.now()
	q.promote(now)
	s.drop(q, q.sweep(now))
	values := maps.Clone(q.attributes)
	for name, n := range map[string]int64{
		"ApproximateNumberOfMessages":           int64(q.ready.live),
		"ApproximateNumberOfMessagesDelayed":    int64(q.delayedCount()),
		"ApproximateNumberOfMessagesNotVisible": int64(q.inFlight),
		"CreatedTimestamp":                      q.created.Unix(),
		"LastModifiedTimestamp":                 q.modified.Unix(),
	} {
		values[name] = strconv.FormatInt(n, 10)
	}
	values["QueueArn"] = q.arn
	s.mu.Unlock()

	var names []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if all || slices.Contains(c.attributeNames, name) {
			names = append(names, name)
		}
	}
	c.out.ObjStart()
	if len(names) > 0 {
		c.out.FieldStart("Attributes")
		writeMap(c.out, names, values)
	}
	c.out.ObjEnd()
	return nil
}
