package inventory

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"polo/producers"
	"polo/producers/inventory/document"
)

// Call is one operation of an API.
type Call struct {
	// Name is the operation's name: "DescribeInstances".
	Name string
	Rate producers.Rate
	// read makes the requests about the given items and passes each answer on. A list within
	// another resource gets that resource's item, a list on its own an empty one. wait is called
	// before each request.
	read func(ctx context.Context, client any, about []item, wait func() error, answer func(any) error) error
	// open returns the client that read takes.
	open func(aws.Config) any
	// output is an empty answer.
	output any
}

// Detail is a further call about one item, or about several.
type Detail struct {
	Call Call
	// At is the path in the answer to what is added to the item; empty means all of the answer.
	At string
	// Batch bounds the items of one request; 1 by default. With several, Match pairs a part of
	// the answer with its item: "ResourceArn=LoadBalancerArn" names a field of the part and one
	// of the item.
	Batch int
	Match string
	// Unless is a field that makes the call needless if it has a value.
	Unless string
	// Only are members and the values that they must have for the call to be made, "Name=value".
	Only string
	// Else is a member, "Name=value", that replaces one missing in the answer, or the answer that the
	// item has no such thing: so what was read and is not there differs from what was not read.
	Else string
	// Absent are the error codes that mean that an item has no such thing.
	Absent string
	// Whole means that the answer is the resource itself, because the list has only names. An
	// item without an answer was deleted meanwhile. Recordings of the call are read like those of
	// the list.
	Whole bool
}

// detail is a compiled Detail.
type detail struct {
	Detail
	at           reading
	theirs, ours field
	unless       field
	only         []condition
	instead      document.Object
	absent       []string
}

// condition is a field that must have a value.
type condition struct {
	field
	value string
}

// concerns reports whether the call is made about an item.
func (d detail) concerns(it item) bool {
	if d.Unless != "" && d.unless.text(it) != "" {
		return false
	}
	for _, c := range d.only {
		if c.text(it) != c.value {
			return false
		}
	}
	return true
}

// said returns an answer without the empty members that others stand for.
func (d detail) said(answer document.Object) document.Object {
	for _, m := range d.instead {
		if answer.Has(m.Name) && document.JSON(answer.Get(m.Name)) == "" {
			return slices.DeleteFunc(slices.Clone(answer), func(a document.Member) bool { return strings.EqualFold(a.Name, m.Name) })
		}
	}
	return answer
}

// rates returns the rate of a call.
type rates func(call string) producers.Rate

// perCall is a rate for each call on its own.
func perCall(perSecond float64, burst int) rates {
	return func(call string) producers.Rate {
		return producers.Rate{Call: call, PerSecond: perSecond, Burst: burst}
	}
}

// perGroup is a rate that the calls of a group share.
func perGroup(group string, perSecond float64, burst int) rates {
	return func(string) producers.Rate { return producers.Rate{Call: group, PerSecond: perSecond, Burst: burst} }
}

// perService is a rate that the calls of a service share.
func perService(perSecond float64, burst int) rates {
	return perGroup("", perSecond, burst)
}

// pager is the interface of the SDK's paginators; O is the service's Options.
type pager[Out, O any] interface {
	HasMorePages() bool
	NextPage(ctx context.Context, opts ...func(*O)) (*Out, error)
}

// pages returns a call that the SDK has a paginator for.
func pages[C, Out, O any, P pager[Out, O]](name string, r rates, open func(aws.Config, ...func(*O)) C, begin func(c C) P) Call {
	return pagesIn(name, r, open, func(c C, _ item) P { return begin(c) })
}

// pagesIn is pages for a call within another resource.
func pagesIn[C, Out, O any, P pager[Out, O]](name string, r rates, open func(aws.Config, ...func(*O)) C, begin func(c C, in item) P) Call {
	read := func(ctx context.Context, client any, about []item, wait func() error, answer func(any) error) error {
		var in item
		if len(about) > 0 {
			in = about[0]
		}
		for p := begin(client.(C), in); p.HasMorePages(); {
			if err := wait(); err != nil {
				return err
			}
			out, err := p.NextPage(ctx)
			if err != nil {
				return err
			}
			if err := answer(out); err != nil {
				return err
			}
		}
		return nil
	}
	return Call{Name: name, Rate: r(name), read: read, open: opening(open), output: new(Out)}
}

// ask returns a call with one answer. in returns the request about an item, which is empty for a
// list. options returns the options of the request.
func ask[C, In, Out, O any](name string, r rates, open func(aws.Config, ...func(*O)) C,
	do func(C, context.Context, *In, ...func(*O)) (*Out, error), in func(about item) *In, options ...func(about item) func(*O),
) Call {
	read := func(ctx context.Context, client any, about []item, wait func() error, answer func(any) error) error {
		if err := wait(); err != nil {
			return err
		}
		var one item
		if len(about) > 0 {
			one = about[0]
		}
		var set []func(*O)
		for _, option := range options {
			set = append(set, option(one))
		}
		out, err := do(client.(C), ctx, in(one), set...)
		if err != nil {
			return err
		}
		return answer(out)
	}
	return Call{Name: name, Rate: r(name), read: read, open: opening(open), output: new(Out)}
}

// askMany is ask for several items at once.
func askMany[C, In, Out, O any](name string, r rates, open func(aws.Config, ...func(*O)) C,
	do func(C, context.Context, *In, ...func(*O)) (*Out, error), in func(about []item) *In,
) Call {
	read := func(ctx context.Context, client any, about []item, wait func() error, answer func(any) error) error {
		if err := wait(); err != nil {
			return err
		}
		out, err := do(client.(C), ctx, in(about))
		if err != nil {
			return err
		}
		return answer(out)
	}
	return Call{Name: name, Rate: r(name), read: read, open: opening(open), output: new(Out)}
}

// get returns the text of an item's field, for a request.
func (it item) get(text string) *string {
	f, err := parseField(text)
	if err != nil {
		return nil // the text is a literal, and tests parse it
	}
	return aws.String(f.text(it))
}

// gather returns a field's text of every item.
func gather(items []item, text string) []string {
	out := make([]string, 0, len(items))
	for _, it := range items {
		if s := it.get(text); s != nil {
			out = append(out, *s)
		}
	}
	return out
}

// opening returns a client's constructor without its types.
func opening[C, O any](open func(aws.Config, ...func(*O)) C) func(aws.Config) any {
	return func(cfg aws.Config) any { return open(cfg) }
}
