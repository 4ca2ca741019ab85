package inventory

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	"polo/producers"
	"polo/producers/inventory/document"
)

// Call is one operation of an API.
type Call struct {
	// Name is the operation's: "DescribeInstances".
	Name string
	Rate producers.Rate
	// read makes the requests about some items (of a list within another resource that
	// one, of a list of its own none) and hands each answer on. wait is called before
	// each request.
	read func(ctx context.Context, client any, about []item, wait func() error, answer func(any) error) error
	// open makes the client that read takes.
	open func(aws.Config) any
	// output is an empty answer.
	output any
}

// Detail is a further call about an item, or about several at once.
type Detail struct {
	Call Call
	// At is where in the answer there is what to add to the item; empty: all of it.
	At string
	// Batch is how many items one request may be about, 1 by default. Of several, Match
	// tells which part of the answer belongs to which: "ResourceArn=LoadBalancerArn" are
	// the fields of it and of the item.
	Batch int
	Match string
	// Unless is a field whose presence makes the call needless.
	Unless string
	// Else is a member, "Name=value", that stands for what the answer leaves out.
	Else string
	// Absent are the error codes by which the service says that an item has no such
	// thing.
	Absent string
	// Whole tells that the answer is the resource itself, where the list has but its
	// name: an item it does not know was deleted meanwhile, and recordings of it are
	// read as those of the list are.
	Whole bool
}

// detail is a Detail made ready.
type detail struct {
	Detail
	at           reading
	theirs, ours field
	unless       field
	instead      document.Object
	absent       []string
}

// rates gives a call its rate.
type rates func(call string) producers.Rate

// each is a rate that every call has for itself.
func each(perSecond float64, burst int) rates {
	return func(call string) producers.Rate {
		return producers.Rate{Call: call, PerSecond: perSecond, Burst: burst}
	}
}

// together is a rate that the calls of a group have together.
func together(group string, perSecond float64, burst int) rates {
	return func(string) producers.Rate { return producers.Rate{Call: group, PerSecond: perSecond, Burst: burst} }
}

// shared is a rate that the calls of a service have together.
func shared(perSecond float64, burst int) rates {
	return together("", perSecond, burst)
}

// pager is what the SDK's paginators have in common; O is the service's Options.
type pager[Out, O any] interface {
	HasMorePages() bool
	NextPage(ctx context.Context, opts ...func(*O)) (*Out, error)
}

// pages is a call that the SDK has a paginator for.
func pages[C, Out, O any, P pager[Out, O]](name string, r rates, open func(aws.Config, ...func(*O)) C, begin func(c C) P) Call {
	return pagesIn(name, r, open, func(c C, _ item) P { return begin(c) })
}

// pagesIn is pages of a call within another resource.
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

// ask is a call with one answer. in makes the request about an item; a list's has
// none. options are those of the request.
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

// askMany is ask about several items at once.
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

// get is the text of a field of an item, as requests take it.
func (it item) get(text string) *string {
	f, err := parseField(text)
	if err != nil {
		return nil // of a literal, which a test has tried
	}
	return aws.String(f.text(it))
}

// gather is a field's text of every item.
func gather(items []item, text string) []string {
	out := make([]string, 0, len(items))
	for _, it := range items {
		if s := it.get(text); s != nil {
			out = append(out, *s)
		}
	}
	return out
}

// opening is a client's constructor without its types.
func opening[C, O any](open func(aws.Config, ...func(*O)) C) func(aws.Config) any {
	return func(cfg aws.Config) any { return open(cfg) }
}
