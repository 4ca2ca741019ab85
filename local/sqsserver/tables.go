package sqsserver

import (
	"encoding/binary"
	"errors"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
)

// tables is a transaction with the buckets it has opened.
type tables struct {
	tx   *bbolt.Tx
	open map[tableKey]*bbolt.Bucket
}

type tableKey struct {
	root  int
	queue uint64
}

func (t tables) apply(o op) error {
	queues := t.tx.Bucket(rootBuckets()[0])
	switch o.kind {
	case opBarrier:
	case opPutQueue:
		return queues.Put(bigEndian(o.queue), o.value)
	case opDeleteQueue:
		if err := queues.Delete(bigEndian(o.queue)); err != nil {
			return err
		}
		return t.empty(o.queue)
	case opPurge:
		return t.empty(o.queue)
	case opPutMessage, opPutProgress:
		root := 1
		if o.kind == opPutProgress {
			root = 2
		}
		b, err := t.bucket(root, o.queue)
		if err != nil {
			return err
		}
		return b.Put(bigEndian(o.seq), o.value)
	case opDelete:
		for _, root := range []int{1, 2} {
			b, err := t.bucket(root, o.queue)
			if err != nil {
				return err
			}
			if err := b.Delete(bigEndian(o.seq)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t tables) bucket(root int, queue uint64) (*bbolt.Bucket, error) {
	key := tableKey{root, queue}
	if b := t.open[key]; b != nil {
		return b, nil
	}
	b, err := t.tx.Bucket(rootBuckets()[root]).CreateBucketIfNotExists(bigEndian(queue))
	if err != nil {
		return nil, err
	}
	b.FillPercent = 0.9 // keys come in order
	t.open[key] = b
	return b, nil
}

func (t tables) empty(queue uint64) error {
	for _, root := range []int{1, 2} {
		delete(t.open, tableKey{root, queue})
		err := t.tx.Bucket(rootBuckets()[root]).DeleteBucket(bigEndian(queue))
		if err != nil && !errors.Is(err, bbolterrors.ErrBucketNotFound) {
			return err
		}
	}
	return nil
}

func bigEndian(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
