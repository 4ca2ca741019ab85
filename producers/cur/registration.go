package cur

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"gocloud.dev/blob"
	"gocloud.dev/blob/s3blob"

	"polo/producers"
	registered "polo/producers/source"
)

// setting is the environment variable that holds the reports, a JSON list of Report:
// [{"account":"123456789012","bucket":"s3://bills?region=eu-west-1","prefix":"cur","name":"daily"}].
const setting = "POLO_REPORTS"

// Registration describes the source. AWS delivers a bill up to three times a day.
func Registration() registered.Source {
	return registered.Source{
		Name:        Source,
		Function:    "cur",
		Description: "bills that AWS delivers to a bucket (CUR, CUR 2.0, FOCUS), as " + setting + " names them",
		Period:      8 * time.Hour,
		Global:      true,
		New: func(d registered.Deps) (producers.Collector, error) {
			reports, err := ParseReports([]byte(d.Getenv(setting)))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", setting, err)
			}
			return Reports{Reports: reports, Open: opener(d.Sessions)}, nil
		},
	}
}

// ParseReports parses a JSON list of reports; the error lists every fault.
func ParseReports(text []byte) ([]Report, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, errors.New("not set: no report to read")
	}
	var reports []Report
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&reports); err != nil {
		return nil, fmt.Errorf("reading the list of reports: %w", err)
	}
	var errs []error
	if len(reports) == 0 {
		errs = append(errs, errors.New("no report to read"))
	}
	for i, r := range reports {
		if len(r.Account) != 12 {
			errs = append(errs, fmt.Errorf("report %d: account is not 12 digits in quotes", i+1))
		}
		if u, err := url.Parse(r.Bucket); err != nil || u.Scheme == "" {
			errs = append(errs, fmt.Errorf("report %d: bucket is not a URL like s3://name?region=eu-west-1", i+1))
		}
	}
	return reports, errors.Join(errs...)
}

// opener opens S3 buckets with the report account's credentials, and other buckets by their URL.
func opener(sessions registered.Sessions) func(context.Context, Report) (*blob.Bucket, error) {
	return func(ctx context.Context, r Report) (*blob.Bucket, error) {
		u, err := url.Parse(r.Bucket)
		if err != nil {
			return nil, err
		}
		if u.Scheme != s3blob.Scheme {
			return blob.OpenBucket(ctx, r.Bucket)
		}
		cfg, err := sessions.Config(ctx, r.Account, u.Query().Get("region"))
		if err != nil {
			return nil, err
		}
		return s3blob.OpenBucket(ctx, s3.NewFromConfig(cfg), u.Host, nil)
	}
}
