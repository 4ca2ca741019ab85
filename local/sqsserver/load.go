package sqsserver

import (
	"encoding/binary"
	"encoding/json"
	"fmt"

	"go.etcd.io/bbolt"
)

// storedQueue is a queue's JSON in the store. Times are Unix milliseconds.
type storedQueue struct {
	Name       string            `json:"name"`
	Created    int64             `json:"created"`
	Modified   int64             `json:"modified"`
	Attributes map[string]string `json:"attributes"`
	Tags       map[string]string `json:"tags,omitempty"`
}

// putQueue returns the op that stores q's metadata.
func putQueue(q *queue) op {
	value, _ := json.Marshal(storedQueue{ // strings and numbers
		Name: q.name, Created: q.created.UnixMilli(), Modified: q.modified.UnixMilli(),
		Attributes: q.attributes, Tags: q.tags,
	})
	return op{kind: opPutQueue, queue: q.id, value: value}
}

// load calls makeQueue for each stored queue, and the function that it returns for each of the
// queue's messages.
func (s *store) load(makeQueue func(id uint64, q storedQueue) func(*message)) error {
	err := s.db.View(func(tx *bbolt.Tx) error {
		roots := rootBuckets()
		return tx.Bucket(roots[0]).ForEach(func(key, value []byte) error {
			if len(key) != 8 {
				return fmt.Errorf("%w: a queue's key of %d bytes", errRecord, len(key))
			}
			var stored storedQueue
			if err := json.Unmarshal(value, &stored); err != nil {
				return fmt.Errorf("decoding a queue: %w", err)
			}
			add := makeQueue(binary.BigEndian.Uint64(key), stored)
			if err := s.loadMessages(tx.Bucket(roots[1]).Bucket(key), tx.Bucket(roots[2]).Bucket(key), add); err != nil {
				return fmt.Errorf("queue %s: %w", stored.Name, err)
			}
			return nil
		})
	})
	if err != nil {
		return fmt.Errorf("loading the store: %w", err)
	}
	return nil
}

// loadMessages calls add for each of a queue's messages. Either bucket may be nil.
func (s *store) loadMessages(messages, progress *bbolt.Bucket, add func(*message)) error {
	if messages == nil {
		return nil
	}
	return messages.ForEach(func(seq, record []byte) error {
		if len(seq) != 8 {
			return fmt.Errorf("%w: a message's key of %d bytes", errRecord, len(seq))
		}
		m, err := openRecord(record, binary.BigEndian.Uint64(seq))
		if err != nil {
			return err
		}
		m.content = nil // a part of the file; a receive reads it again
		s.pages.touched(s.db, len(record))
		if progress != nil {
			if b := progress.Get(seq); b != nil {
				if err := m.setProgress(b); err != nil {
					return err
				}
			}
		}
		add(m)
		return nil
	})
}
