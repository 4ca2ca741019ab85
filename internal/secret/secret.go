// Package secret reads a password, or named fields, from AWS Secrets Manager or the SSM
// Parameter Store, and again when they are rotated.
package secret

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

const (
	// keep is how long a value is used before it is read again.
	keep = 5 * time.Minute
	// between is the shortest time between two reads.
	between = 5 * time.Second
	// answerTime bounds one read.
	answerTime = 10 * time.Second
)

// Secret is a cached password. Safe for concurrent use.
type Secret struct {
	arn  string
	read func(context.Context) (string, error)
	// check returns what counts of the text that was read.
	check func(string) (string, error)
	now   func() time.Time

	mu    sync.Mutex
	value string
	known bool
	asked time.Time // the last read, whether it succeeded or not
}

// New returns the secret of an ARN, arn:aws:secretsmanager:...:secret:... or
// arn:aws:ssm:...:parameter/.... The first Value reads it.
func New(cfg aws.Config, text string) (*Secret, error) {
	name, err := arn.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("the secret's ARN %q: %w", text, err)
	}
	if name.Region != "" {
		cfg.Region = name.Region
	}
	s := &Secret{arn: text, check: password, now: time.Now}
	switch {
	case name.Service == "secretsmanager" && strings.HasPrefix(name.Resource, "secret:"):
		client := secretsmanager.NewFromConfig(cfg)
		s.read = func(ctx context.Context) (string, error) {
			out, err := client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &text})
			switch {
			case err != nil:
				return "", err
			case out.SecretString == nil:
				return "", errors.New("binary, not text")
			}
			return *out.SecretString, nil
		}
	case name.Service == "ssm" && strings.HasPrefix(name.Resource, "parameter/"):
		client := ssm.NewFromConfig(cfg)
		s.read = func(ctx context.Context) (string, error) {
			out, err := client.GetParameter(ctx, &ssm.GetParameterInput{Name: &text, WithDecryption: aws.Bool(true)})
			switch {
			case err != nil:
				return "", err
			case out.Parameter == nil || out.Parameter.Value == nil:
				return "", errors.New("empty")
			}
			return *out.Parameter.Value, nil
		}
	default:
		return nil, fmt.Errorf("the secret's ARN %q is neither a Secrets Manager secret's nor an SSM parameter's", text)
	}
	return s, nil
}

// Value returns the password and reads it again every five minutes. If that fails, it
// returns the last one known.
func (s *Secret) Value(ctx context.Context) (string, error) { return s.get(ctx, keep) }

// Refresh reads the password again, for when the server refused the cached one.
func (s *Secret) Refresh(ctx context.Context) (string, error) { return s.get(ctx, between) }

func (s *Secret) get(ctx context.Context, old time.Duration) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known && s.now().Sub(s.asked) < old {
		return s.value, nil
	}
	s.asked = s.now()
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	text, err := s.read(ctx)
	if err == nil {
		text, err = s.check(text)
	}
	switch {
	case err == nil:
		s.value, s.known = text, true
	case !s.known:
		return "", fmt.Errorf("reading the secret %s: %w", s.arn, err)
	}
	return s.value, nil
}

// password returns the text itself, or the password in it: rotation stores an object with
// the user name beside the password. Errors never quote it.
func password(text string) (string, error) {
	if !strings.HasPrefix(strings.TrimSpace(text), "{") {
		if text == "" {
			return "", errors.New("empty")
		}
		return text, nil
	}
	var object struct {
		Password *string `json:"password"`
	}
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		return text, nil //nolint:nilerr // a password may begin with a brace
	}
	if object.Password == nil || *object.Password == "" {
		return "", errors.New(`an object without a "password"`)
	}
	return *object.Password, nil
}
