package sqsserver

import (
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"hash"
)

// attributesMD5 returns the digest of attributes sorted by name. For each it hashes name and type, each after its
// length as four big-endian bytes, a byte for the kind of value (1 string, 2 binary), then the value after its length.
// Without attributes it returns "".
func attributesMD5(list []attribute) string {
	if len(list) == 0 {
		return ""
	}
	h := md5.New()
	for _, a := range list {
		writeSized(h, []byte(a.name))
		writeSized(h, []byte(a.dataType))
		kind := byte(1)
		if a.binary {
			kind = 2
		}
		h.Write([]byte{kind})
		writeSized(h, a.value)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func writeSized(h hash.Hash, b []byte) {
	var size [4]byte
	binary.BigEndian.PutUint32(size[:], uint32(len(b)))
	h.Write(size[:])
	h.Write(b)
}
