// Package cloud opens the sessions of actions in AWS accounts: one to look, which the read
// role gives, and one for each call, which may make that call on that resource and no other.
package cloud

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"polo/actions"
	"polo/actions/action"
	"polo/envelope"
	"polo/internal/awsaccounts"
)

// Config configures a Cloud.
type Config struct {
	// Reads gives the sessions of the read role, and the caller's own.
	Reads *awsaccounts.Sessions
	// Role is the name of the role of actions: prod-polo-action-role.
	Role string
	// ExternalID is what its trust asks for; empty if nothing.
	ExternalID string
}

// Cloud is AWS. It implements actions.Cloud.
type Cloud struct{ cfg Config }

var _ actions.Cloud = (*Cloud)(nil)

// New returns a Cloud.
func New(c Config) (*Cloud, error) {
	if c.Reads == nil || c.Role == "" {
		return nil, errors.New("no sessions to read with, or no role of actions")
	}
	return &Cloud{c}, nil
}

// Reader implements actions.Cloud.
func (c *Cloud) Reader(ctx context.Context, account, region string) (action.Reader, error) {
	cfg, err := c.cfg.Reads.Config(ctx, account, region)
	if err != nil {
		return action.Reader{}, err
	}
	return action.NewReader(cfg), nil
}

// sessionSeconds is the shortest time that STS gives a session for.
const sessionSeconds = 900

// Writer implements actions.Cloud.
func (c *Cloud) Writer(ctx context.Context, s actions.Session) (action.Writer, error) {
	cfg := c.cfg.Reads.Own(s.Region)
	role := envelope.AWSARN(envelope.PartitionOf(s.Region), "iam", "", s.Account, "role/"+strings.TrimPrefix(c.cfg.Role, "/")).String()
	in := &sts.AssumeRoleInput{
		RoleArn: &role, RoleSessionName: aws.String(s.Name), SourceIdentity: aws.String(SourceIdentity(s.Person)), Policy: aws.String(s.Policy),
		DurationSeconds: aws.Int32(sessionSeconds),
		Tags: []types.Tag{
			{Key: aws.String("polo:action"), Value: aws.String(s.Action)},
			{Key: aws.String("polo:plan"), Value: aws.String(s.Plan)},
		},
	}
	if c.cfg.ExternalID != "" {
		in.ExternalId = aws.String(c.cfg.ExternalID)
	}
	out, err := sts.NewFromConfig(cfg).AssumeRole(ctx, in)
	if err != nil {
		return action.Writer{}, fmt.Errorf("assuming %s: %w", role, err)
	}
	if out.Credentials == nil {
		return action.Writer{}, fmt.Errorf("assuming %s: no credentials", role)
	}
	cfg.Credentials = credentials.NewStaticCredentialsProvider(aws.ToString(out.Credentials.AccessKeyId), aws.ToString(out.Credentials.SecretAccessKey), aws.ToString(out.Credentials.SessionToken))
	return action.NewWriter(cfg), nil
}

// SourceIdentity returns a person as a source identity: 2 to 64 characters that STS allows.
func SourceIdentity(person string) string {
	name := strings.Map(func(r rune) rune {
		if r < 0x80 && (r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("_+=,.@-", r)) {
			return r
		}
		return '_'
	}, person)
	if len(name) < 2 {
		name += "__"
	}
	return name[:min(len(name), 64)]
}
