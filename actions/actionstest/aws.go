package actionstest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"polo/actions"
	"polo/actions/action"
)

// AWS is one account in one region, with what actions are done to. It implements actions.Cloud.
type AWS struct {
	// Hook, if set, is called before and after each call with its name. It may end the goroutine.
	Hook func(point string)
	// Fault, if set, decides what goes wrong with a call.
	Fault func(operation string) Fault
	// Now is when what it makes begins; nil is time.Now.
	Now func() time.Time

	mu        sync.Mutex
	Instances map[string]*ec2types.Instance
	// InstanceStores are the types of instances that have disks of the host.
	InstanceStores []string
	Volumes        map[string]*ec2types.Volume
	Modifications  map[string]*ec2types.VolumeModification
	Snapshots      []*ec2types.Snapshot
	Addresses      map[string]*ec2types.Address
	Groups         map[string]*ec2types.SecurityGroup
	Databases      map[string]*rdstypes.DBInstance
	Buckets        map[string]*Bucket
	LogGroups      map[string]*LogGroup
	// Tagged are resources that only the tagging API knows, by ARN.
	Tagged map[string]map[string]string

	writes   []Write
	sessions []actions.Session
}

// Bucket is a bucket.
type Bucket struct {
	Owner string
	Block *s3types.PublicAccessBlockConfiguration
	Tags  map[string]string
}

// LogGroup is a log group.
type LogGroup struct {
	Days *int32
	// Created is in milliseconds since 1970.
	Created int64
	Tags    map[string]string
}

// Write is a call that changed something.
type Write struct {
	Operation, Resource string
	Input               any
	Session             actions.Session
}

// Fault is what goes wrong with a call.
type Fault int

// Faults.
const (
	None Fault = iota
	// Refused: 4xx, without effect. Broken: 5xx, without effect.
	Refused
	Broken
	// Lost: no answer, and no effect. Silent: no answer after the effect.
	Lost
	Silent
)

// ErrNoAnswer is the error of a call without an answer.
var ErrNoAnswer = errors.New("use of closed network connection")

// Writes returns the calls that changed something, in order.
func (a *AWS) Writes() []Write {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.writes)
}

// Sessions returns the sessions that were opened to write.
func (a *AWS) Sessions() []actions.Session {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.sessions)
}

// Change changes what there is.
func (a *AWS) Change(change func(*AWS)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change(a)
}

// Reader implements actions.Cloud.
func (a *AWS) Reader(context.Context, string, string) (action.Reader, error) {
	r := &reader{a}
	return action.Reader{EC2: r, RDS: r, S3: r, Logs: r, Tagging: r}, nil
}

// Writer implements actions.Cloud.
func (a *AWS) Writer(_ context.Context, s actions.Session) (action.Writer, error) {
	a.hook("before AssumeRole")
	if a.Fault != nil && a.Fault("AssumeRole") != None {
		return action.Writer{}, errors.New("AccessDenied")
	}
	a.mu.Lock()
	a.sessions = append(a.sessions, s)
	a.mu.Unlock()
	w := &writer{a, s}
	return action.Writer{EC2: w, RDS: w, S3: w, Logs: w, Tagging: w}, nil
}

func (a *AWS) hook(point string) {
	if a.Hook != nil {
		a.Hook(point)
	}
}

// apiError returns an error of the API.
func apiError(code, message string) error {
	fault := smithy.FaultClient
	if code == "InternalError" {
		fault = smithy.FaultServer
	}
	return &smithy.GenericAPIError{Code: code, Message: message, Fault: fault}
}

// read looks at what there is.
func (a *AWS) read(operation string, look func() error) error {
	a.hook("before " + operation)
	if a.Fault != nil && a.Fault(operation) != None {
		return apiError("InternalError", "try later")
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return look()
}

// reader implements the interfaces that look, writer those that change.
type (
	reader struct{ *AWS }
	writer struct {
		*AWS
		session actions.Session
	}
)

// call is what a write needs of IAM: an action and the ARN that it is on.
type call struct{ action, arn string }

// write changes something, as far as the session's policy allows and no fault prevents it.
func (w *writer) write(operation, resource string, input any, needs []call, change func() error) error {
	w.hook("before " + operation)
	for _, c := range needs {
		if !allows(w.session.Policy, c) {
			return apiError("AccessDenied", fmt.Sprintf("the session may not %s on %s", c.action, c.arn))
		}
	}
	fault := None
	if w.Fault != nil {
		fault = w.Fault(operation)
	}
	switch fault {
	case Refused:
		return apiError("IncorrectState", "not now")
	case Broken:
		return apiError("InternalError", "an internal error has occurred")
	case Lost:
		return ErrNoAnswer
	}
	w.mu.Lock()
	err := change()
	if err == nil {
		w.writes = append(w.writes, Write{operation, resource, input, w.session})
	}
	w.mu.Unlock()
	w.hook("after " + operation)
	if fault == Silent {
		return ErrNoAnswer
	}
	return err
}

// allows reports whether a policy allows a call, as IAM would say without conditions.
func allows(policy string, c call) bool {
	var p struct{ Statement []action.Grant }
	if json.Unmarshal([]byte(policy), &p) != nil {
		return false
	}
	for _, s := range p.Statement {
		if s.Effect != "Allow" || !slices.Contains(s.Actions, c.action) {
			continue
		}
		for _, r := range s.Resources {
			head, wild := strings.CutSuffix(r, "*")
			if r == c.arn || wild && strings.HasPrefix(c.arn, head) {
				return true
			}
		}
	}
	return false
}
