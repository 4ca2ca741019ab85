package sqsserver

import (
	"encoding/base64"
	"encoding/binary"

	"github.com/google/uuid"
	"github.com/zeebo/xxh3"
)

// receipt is the content of a receipt handle: which queue, message and receive. A handle outlives a restart, and
// its checksum tells it from garbage.
type receipt struct {
	queue, seq uint64
	id         uuid.UUID
	receive    uint32
}

const receiptSize = 8 + 8 + 16 + 4

// receiptSeed keeps an unrelated hash from passing as ours.
const receiptSeed = 0x706f6c6f2d737173

func (r receipt) String() string {
	b := make([]byte, 0, receiptSize+8)
	b = binary.BigEndian.AppendUint64(b, r.queue)
	b = binary.BigEndian.AppendUint64(b, r.seq)
	b = append(b, r.id[:]...)
	b = binary.BigEndian.AppendUint32(b, r.receive)
	b = binary.BigEndian.AppendUint64(b, xxh3.HashSeed(b, receiptSeed))
	return base64.StdEncoding.EncodeToString(b)
}

func parseReceipt(s string) (receipt, bool) {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil || len(b) != receiptSize+8 {
		return receipt{}, false
	}
	if xxh3.HashSeed(b[:receiptSize], receiptSeed) != binary.BigEndian.Uint64(b[receiptSize:]) {
		return receipt{}, false
	}
	return receipt{
		queue: binary.BigEndian.Uint64(b), seq: binary.BigEndian.Uint64(b[8:]),
		id: uuid.UUID(b[16:32]), receive: binary.BigEndian.Uint32(b[32:]),
	}, true
}
