package envelope

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// ErrARN is wrapped by every error of ParseARN.
var ErrARN = errors.New("not an ARN")

// maxARN is AWS's longest documented ARN, in bytes.
const maxARN = 2048

// ARN is the universal key of a resource: an Amazon Resource Name, or Polo's equivalent
// on other platforms ("github:org/repo", "cloudflare:zone/<id>",
// "datadog:org/<id>/monitor/<id>").
type ARN struct {
	// Platform is one of the Platform constants.
	Platform string
	// Partition is "aws", "aws-cn", "aws-us-gov", ... Partition, Service, Region and
	// AccountID are set only on PlatformAWS.
	Partition string
	Service   string
	// Region and AccountID are empty where the resource has none (S3 buckets,
	// IAM).
	Region    string
	AccountID string
	// Resource is everything after the fifth colon, unchanged: "instance/i-0abc",
	// "function:name:alias", "bucket/key/with/slashes". On other platforms it is
	// everything after the first colon.
	Resource string
}

// ParseARN parses s. The error wraps ErrARN and never repeats s, which may be
// untrusted.
func ParseARN(s string) (ARN, error) {
	switch {
	case s == "":
		return ARN{}, fmt.Errorf("%w: empty", ErrARN)
	case len(s) > maxARN:
		return ARN{}, fmt.Errorf("%w: %d bytes, more than %d", ErrARN, len(s), maxARN)
	}
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] == 0x7f {
			return ARN{}, fmt.Errorf("%w: control character at byte %d", ErrARN, i)
		}
	}
	if !utf8.ValidString(s) {
		return ARN{}, fmt.Errorf("%w: not valid UTF-8", ErrARN)
	}
	prefix, rest, found := strings.Cut(s, ":")
	if !found {
		return ARN{}, fmt.Errorf("%w: no colon", ErrARN)
	}
	switch prefix {
	case "arn":
		return parseAWS(rest)
	case PlatformGitHub, PlatformCloudflare, PlatformDatadog:
		if rest == "" || rest[0] == '/' || rest[len(rest)-1] == '/' || strings.Contains(rest, "//") {
			return ARN{}, fmt.Errorf("%w: %s: empty path or path part", ErrARN, prefix)
		}
		if prefix == PlatformGitHub {
			if err := checkGitHub(rest); err != nil {
				return ARN{}, err
			}
		}
		return ARN{Platform: prefix, Resource: rest}, nil
	}
	return ARN{}, fmt.Errorf("%w: unknown scheme", ErrARN)
}

func parseAWS(rest string) (ARN, error) {
	var part [4]string
	for i, name := range [4]string{"partition", "service", "region", "account"} {
		var found bool
		part[i], rest, found = strings.Cut(rest, ":")
		if !found {
			return ARN{}, fmt.Errorf("%w: ends before %s", ErrARN, name)
		}
	}
	switch {
	case part[0] == "":
		return ARN{}, fmt.Errorf("%w: no partition between the first two colons", ErrARN)
	case part[0] != "aws" && !strings.HasPrefix(part[0], "aws-"):
		return ARN{}, fmt.Errorf("%w: partition is not aws and does not begin with aws-", ErrARN)
	case part[1] == "":
		return ARN{}, fmt.Errorf("%w: no service", ErrARN)
	case rest == "":
		return ARN{}, fmt.Errorf("%w: no resource", ErrARN)
	}
	return ARN{
		Platform: PlatformAWS, Partition: part[0], Service: part[1],
		Region: part[2], AccountID: part[3], Resource: rest,
	}, nil
}

// String returns the text that ParseARN parses.
func (a ARN) String() string {
	if a.Platform != PlatformAWS {
		return a.Platform + ":" + a.Resource
	}
	return "arn:" + a.Partition + ":" + a.Service + ":" + a.Region + ":" + a.AccountID + ":" + a.Resource
}
