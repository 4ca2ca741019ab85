package action

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"

	"polo/envelope"
)

// check checks that a target is of an action's type and has its parameters and no others.
func check(i Info, t Target) error {
	a, err := envelope.ParseARN(t.ARN)
	if err != nil {
		return err
	}
	var errs []error
	if a.Platform != envelope.PlatformAWS || i.Type != "" && a.ResourceType() != i.Type {
		errs = append(errs, fmt.Errorf("the ARN is not one of %s", i.Type))
	}
	if a.AccountID != "" && a.AccountID != t.Account || a.Region != "" && a.Region != t.Region {
		errs = append(errs, errors.New("the ARN names another account or region than the resource's"))
	}
	// In a policy these are wildcards and variables: the session would be for more than the one resource.
	if strings.ContainsAny(t.ARN, "*?$") {
		errs = append(errs, errors.New("the ARN has one of * ? $"))
	}
	if want := envelope.PartitionOf(t.Region); a.Partition != want {
		errs = append(errs, fmt.Errorf("the ARN's partition is %s, and the region's is %s", a.Partition, want))
	}
	for _, p := range i.Params {
		if p.Required && t.Params[p.Name] == "" {
			errs = append(errs, fmt.Errorf("the parameter %s is missing: %s", p.Name, p.Text))
		}
	}
	for name := range t.Params {
		if !slices.ContainsFunc(i.Params, func(p Param) bool { return p.Name == name }) {
			errs = append(errs, fmt.Errorf("it has no parameter %q", name))
		}
	}
	return errors.Join(errs...)
}

// notApplicable returns an error of Precondition.
func notApplicable(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrNotApplicable, fmt.Sprintf(format, args...))
}

// Code returns the error code of AWS's answer, or "" if there was none.
func Code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// missing reports whether err says that the resource does not exist.
func missing(err error, codes ...string) bool { return slices.Contains(codes, Code(err)) }

func ec2Tags(tags []ec2types.Tag) map[string]string {
	m := make(map[string]string, len(tags))
	for _, t := range tags {
		m[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return m
}

// yes returns how facts say a truth.
func yes(b bool) string {
	if b {
		return "true"
	}
	return "false"
}
