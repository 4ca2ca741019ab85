package awscatalog

// BilledARN is the ARN of what a bill names by an id: where the id alone says what it is of
// (EC2's typed ids, and those of the service), and for buckets. ok is false for every other
// id, and where the region or the account that the ARN has is not known.
func BilledARN(id, service string, at Place) (arn string, ok bool) {
	if service == "s3" {
		bucket, ok := Lookup("s3:bucket")
		if !ok || !isBucket(id) {
			return "", false
		}
		return bucket.Build(at, id, nil)
	}
	if !IsRegion(at.Region) {
		at.Region = "" // "global" is none
	}
	typ, ok := OfServiceID(service, id, true)
	if !ok {
		typ, ok = OfID(id, true)
	}
	if !ok {
		return "", false
	}
	return typ.Build(at, id, nil)
}

// isBucket holds the naming rules of buckets, those of before 2018 included.
func isBucket(s string) bool {
	if len(s) < 3 || len(s) > 255 {
		return false
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '.', c == '_':
		default:
			return false
		}
	}
	return true
}
