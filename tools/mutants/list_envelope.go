package main

// envelopeMutants break the identity of events and the decoding of packs.
func envelopeMutants() []mutant {
	return []mutant{
		{
			name: "version-without-time", breaks: "the greatest observed_at wins",
			file: "envelope/version.go",
			old:  "\treturn ms<<tieBits | uint64(crc32.Checksum(raw, castagnoli)>>(32-tieBits))\n",
			new:  "\t_ = ms\n\treturn uint64(crc32.Checksum(raw, castagnoli))\n",
			pkg:  faults, tests: []string{"TestClockSkew"},
		},
		{
			name: "version-without-content", breaks: "of two statements of one millisecond the same one wins in every order",
			file: "envelope/version.go",
			old:  "\treturn ms<<tieBits | uint64(crc32.Checksum(raw, castagnoli)>>(32-tieBits))\n",
			new:  "\treturn ms << tieBits\n",
			pkg:  faults, tests: []string{"TestTies"},
		},
		{
			name: "content-not-checked", breaks: "a pack whose content does not match its batch_id is rejected",
			file: "envelope/unpack.go",
			old:  "\tif rawBatchID(h.source, raw) != h.batchID {\n",
			new:  "\tif h.batchID == \"\" {\n",
			pkg:  faults, tests: []string{"TestPoisonStorm"},
		},
		{
			name: "version-not-checked", breaks: "a pack of another version is rejected as such",
			file: "envelope/header.go",
			old:  "\tcase h.version > Version:\n",
			new:  "\tcase h.version > 100*Version:\n",
			pkg:  integration, tests: []string{"TestCorruption"},
		},
		{
			name: "bound-checked-afterwards", breaks: "a message decompresses within bounds",
			file: "envelope/compress.go",
			old:  "\t\tall, err = d.stream(packed, limit)\n",
			new:  "\t\tall, err = d.stream(packed, 65*limit)\n",
			pkg:  faults, tests: []string{"TestZipBomb"}, says: "the consumer took",
		},
		{
			name: "id-holds-observation", breaks: "a fact has the same id whenever it is read",
			file: "producers/cloudtrail/maker.go",
			old:  "envelope.NewEventID(m.source, m.ts, m.id, m.r.eventName),",
			new:  "envelope.NewEventID(m.source, m.ts, m.id, m.r.eventName, m.observedAt.String()),",
			pkg:  integration, tests: []string{"TestKill"}, says: "the tables differ",
		},
	}
}
