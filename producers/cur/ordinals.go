package cur

// ordinals counts how often each of many hashes came. It takes about 12 bytes for each,
// so that a bill of millions of lines without ids stays in memory: a map of Go's takes
// several times as much, and twice that while it grows.
//
// Slots hold 48 bits of the hash and 16 of the count. Eight more bits choose the shard:
// shards grow one by one, so that growing never holds a second copy of everything. Two
// hashes that agree in those 56 bits count as one, which a bill of five million lines has
// with a chance of one in five thousand; then a line is numbered 2 that is alone. Its id
// is still its own, for ids are made of the line and not of the hash.
type ordinals struct {
	shards [256]shard
	// many are the counts that 16 bits cannot hold.
	many map[uint64]uint32
}

type shard struct {
	slots []uint64
	used  int
}

const (
	countBits = 16
	countMask = 1<<countBits - 1
)

// next is the number of this appearance of a hash, from 1.
func (o *ordinals) next(hash uint64) uint32 {
	s := &o.shards[hash>>56]
	if 4*(s.used+1) > 3*len(s.slots) {
		s.grow()
	}
	print := hash << 8 &^ countMask
	i := s.find(print)
	count := s.slots[i] & countMask
	switch count {
	case 0:
		s.used++
	case countMask:
		return o.beyond(hash>>56<<56 | print>>8)
	}
	s.slots[i] = print | (count + 1)
	return uint32(count + 1)
}

func (o *ordinals) beyond(key uint64) uint32 {
	if o.many == nil {
		o.many = map[uint64]uint32{}
	}
	o.many[key]++
	return countMask + o.many[key]
}

// find is the slot of a print, or the empty one where it belongs.
func (s *shard) find(print uint64) int {
	mask := len(s.slots) - 1
	// The low bits of print are the count's, and the high ones few shards share.
	i := int(print>>countBits) & mask
	for s.slots[i]&countMask != 0 && s.slots[i]&^countMask != print {
		i = (i + 1) & mask
	}
	return i
}

func (s *shard) grow() {
	old := s.slots
	s.slots = make([]uint64, max(16, 2*len(old)))
	for _, slot := range old {
		if slot&countMask != 0 {
			s.slots[s.find(slot&^countMask)] = slot
		}
	}
}
