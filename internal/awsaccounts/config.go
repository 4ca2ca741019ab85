package awsaccounts

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Config configures access to accounts.
type Config struct {
	// Base holds the caller's own credentials and home region, as
	// config.LoadDefaultConfig finds them.
	Base aws.Config
	// Role is the name of the role to assume in every account, with its path if it has
	// one: "prod-PoloReadRole". It may be empty if OwnAccount is the only account.
	Role string
	// ExternalID is the external id that the roles' trust policies require; empty if
	// they require none.
	ExternalID string
	// Session is the session name that each account's CloudTrail shows: see SessionName.
	Session string
	// OwnAccount is read with the caller's own credentials, without assuming a role;
	// empty if there is no such account.
	OwnAccount string
	// Endpoint replaces every service's endpoint, as AWS_ENDPOINT_URL does; empty means
	// AWS.
	Endpoint string
	// Timeouts bound one try of a request. The zero value is a good default.
	Timeouts Timeouts
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// roleNames matches what IAM accepts as a role's path and name.
var roleNames = regexp.MustCompile(`^/?([\w+=,.@-]+/)*[\w+=,.@-]{1,64}$`)

func (c Config) check() error {
	var errs []error
	if c.Base.Credentials == nil {
		errs = append(errs, errors.New("no credentials of the caller"))
	}
	if c.Base.Region == "" {
		errs = append(errs, errors.New("no home region: set AWS_REGION"))
	}
	if !roleNames.MatchString(c.Role) && (c.Role != "" || c.OwnAccount == "") {
		errs = append(errs, fmt.Errorf("%q is not the name of a role", c.Role))
	}
	return errors.Join(errs...)
}

// SessionName returns a role session name made from a run's source and scheduled time: 2
// to 64 characters that STS allows.
func SessionName(source string, scheduled time.Time) string {
	name := "polo-" + source + "-" + scheduled.UTC().Format("20060102T150405Z")
	name = strings.Map(func(r rune) rune {
		if r < 0x80 && (r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("_+=,.@-", r)) {
			return r
		}
		return '_'
	}, name)
	// Keep the end: the time there tells runs apart.
	if len(name) > 64 {
		name = name[:64-17] + name[len(name)-17:]
	}
	return name
}
