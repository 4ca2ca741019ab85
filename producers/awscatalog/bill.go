package awscatalog

// BilledARN returns the ARN for a bill's resource id, if the id alone determines its type (ids
// with a type's prefix, of EC2 or the service) or if it is a bucket. ok is false for any other
// id, and if the ARN needs an unknown region or account.
func BilledARN(id, service string, at Place) (arn string, ok bool) {
	if service == "s3" {
		bucket, ok := Lookup("s3:bucket")
		if !ok || !isBucket(id) {
			return "", false
		}
		return bucket.Build(at, id, nil)
	}
	if !IsRegion(at.Region) {
		at.Region = "" // "global" is not one
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

// isBucket reports whether s fits the naming rules of buckets, including those from before 2018.
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
