package replay

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"polo/internal/queue"
)

// job is a letter with what is sent for it.
type job struct {
	id       string
	parcel   Parcel
	messages int
}

// send takes letters from jobs, up to one request's worth. It finishes what is in flight when ctx
// ends.
func (r *Run) send(ctx context.Context, jobs <-chan job, limit *limiter) error {
	most := r.Queue.Limits().MaxEntries
	for first := range jobs {
		if err := limit.wait(ctx); err != nil {
			return err
		}
		batch := []job{first}
		messages := first.messages
		for more := true; more && messages < most && len(batch) < limit.burst; {
			select {
			case j, ok := <-jobs:
				if more = ok; ok {
					batch, messages = append(batch, j), messages+j.messages
				}
			default:
				more = false
			}
		}
		for range len(batch) - 1 {
			if err := limit.wait(ctx); err != nil {
				return err
			}
		}
		if err := r.ship(context.WithoutCancel(ctx), batch); err != nil {
			return err
		}
		r.inHand.Add(-int64(len(batch)))
	}
	return nil
}

// ship processes a batch: record, send, record, delete, record. It deletes a letter only after
// every message of it is acknowledged. A letter that the queue refuses for its content stays, and
// stops nothing.
func (r *Run) ship(ctx context.Context, batch []job) error {
	journal, err := r.begun()
	if err != nil {
		return err
	}
	ids, parcels := split(batch)
	journal.Expect(parcels...)
	if err := journal.Intend(ids); err != nil { //mutant:intent-not-noted
		return err
	}
	failed, sendErr := r.post(ctx, batch)
	var sent []job
	var refused []string
	for k, j := range batch {
		switch {
		case failed[k] == nil:
			sent = append(sent, j)
		case sendErr == nil:
			refused = append(refused, j.id)
			r.stays(failed[k])
		}
	}
	if len(sent) > 0 {
		if err := r.acknowledged(ctx, journal, sent); err != nil {
			return err
		}
	}
	if len(refused) > 0 {
		if err := journal.Stay(refused); err != nil {
			return err
		}
	}
	return sendErr
}

func split(batch []job) (ids []string, parcels []Parcel) {
	for _, j := range batch {
		ids, parcels = append(ids, j.id), append(parcels, j.parcel)
	}
	return ids, parcels
}

// post sends the messages of a batch. It returns the errors of the jobs that failed, by place, and
// an error unless all of those were refused for their content.
func (r *Run) post(ctx context.Context, batch []job) (failed map[int]error, err error) {
	var out []queue.Outgoing
	var of []int // the job of each message
	for k, j := range batch {
		for _, m := range j.parcel.Messages {
			out, of = append(out, m), append(of, k)
		}
	}
	failed = map[int]error{}
	sendErr := queue.SendAll(ctx, r.Queue, out, queue.Retry{})
	var some *queue.SendError
	switch {
	case errors.As(sendErr, &some):
		sendErr = nil
		for _, f := range some.Failed {
			failed[of[f.Index]] = f.Err
			if !OfContent(f) {
				sendErr = some
			}
		}
	case sendErr != nil:
		for k := range batch {
			failed[k] = sendErr
		}
	}
	if sendErr != nil {
		return failed, fmt.Errorf("sending letters: %w", sendErr)
	}
	return failed, nil
}

// acknowledged records letters whose every message is acknowledged, and deletes them.
func (r *Run) acknowledged(ctx context.Context, journal *Journal, sent []job) error {
	ids, parcels := split(sent)
	if err := journal.Sent(ids, parcels); err != nil {
		return err
	}
	r.mu.Lock()
	for _, id := range ids {
		r.own[id] = true
	}
	r.mu.Unlock()
	n := r.sent.Add(int64(len(ids)))
	if r.Progress != nil {
		r.Progress(n)
	}
	return r.delete(ctx, ids) //mutant:sent-noted-as-deleted
}

// OfContent reports whether a message was refused for its content.
func OfContent(f queue.Unacknowledged) bool {
	return f.Permanent && (errors.Is(f.Err, queue.ErrTooLarge) || errors.Is(f.Err, queue.ErrNotText) || errors.Is(f.Err, queue.ErrRefused))
}

// delete deletes letters that were sent. One whose visibility expired is redelivered, and deleted
// then.
func (r *Run) delete(ctx context.Context, ids []string) error {
	err := r.Reader.Delete(ctx, ids)
	var some *UndeletedError
	if errors.As(err, &some) {
		ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(some.IDs, id) })
		err = some.Err
	}
	if len(ids) > 0 {
		err = errors.Join(err, r.journal().Deleted(ids))
	}
	return err
}
