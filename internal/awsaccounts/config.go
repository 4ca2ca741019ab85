package awsaccounts

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Config says how accounts are reached.
type Config struct {
	// Base holds the caller's own credentials and home region, as
	// config.LoadDefaultConfig finds them.
	Base aws.Config
	// Role is the name of the role to be assumed in every account, with its path if
	// it has one: "prod-PoloReadRole". It may be empty where OwnAccount is all there is.
	Role string
	// ExternalID is what the roles' trust asks for; empty where it asks for nothing.
	ExternalID string
	// Session names the run in the accounts' own CloudTrail: see SessionName.
	Session string
	// OwnAccount is read with the caller's own credentials, without assuming a role;
	// empty: there is no such account.
	OwnAccount string
	// Endpoint replaces every service's own, as AWS_ENDPOINT_URL does; empty: AWS.
	Endpoint string
	// Timeouts bound one try of one request. The zero value is a good default.
	Timeouts Timeouts
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// roleNames are what IAM takes for a role's path and name.
var roleNames = regexp.MustCompile(`^/?([\w+=,.@-]+/)*[\w+=,.@-]{1,64}$`)

func (c Config) check() error {
	var errs []error
	if c.Base.Credentials == nil {
		errs = append(errs, errors.New("no credentials of the caller's own"))
	}
	if c.Base.Region == "" {
		errs = append(errs, errors.New("no home region: set AWS_REGION"))
	}
	if !roleNames.MatchString(c.Role) && (c.Role != "" || c.OwnAccount == "") {
		errs = append(errs, fmt.Errorf("%q is not the name of a role", c.Role))
	}
	return errors.Join(errs...)
}

// SessionName makes a role session's name of a run's source and scheduled time:
// 2 to 64 characters of those that STS allows.
func SessionName(source string, scheduled time.Time) string {
	name := "polo-" + source + "-" + scheduled.UTC().Format("20060102T150405Z")
	name = strings.Map(func(r rune) rune {
		if r < 0x80 && (r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("_+=,.@-", r)) {
			return r
		}
		return '_'
	}, name)
	// The time, which is at the end, tells runs apart.
	if len(name) > 64 {
		name = name[:64-17] + name[len(name)-17:]
	}
	return name
}
