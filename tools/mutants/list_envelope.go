package main

// envelopeMutants break the identity of events and the decoding of packs.
func envelopeMutants() []mutant {
	return []mutant{
		{
			name: "version-without-time", breaks: "the greatest observed_at wins",
			old: "ms<<tieBits", new: "0*ms",
			pkg: faults, tests: []string{"TestClockSkew"},
		},
		{
			name: "version-without-content", breaks: "of two statements of one millisecond the same one wins in every order",
			new: "return ms << tieBits",
			pkg: faults, tests: []string{"TestTies"},
		},
		{
			name: "content-not-checked", breaks: "a pack whose content does not match its batch_id is rejected",
			old: "rawBatchID(h.source, raw) != h.batchID", new: `h.batchID == ""`,
			pkg: faults, tests: []string{"TestPoisonStorm"},
		},
		{
			name: "version-not-checked", breaks: "a pack of another version is rejected as such",
			old: "> Version", new: "> 100*Version",
			pkg: integration, tests: []string{"TestCorruption"},
		},
		{
			name: "bound-checked-afterwards", breaks: "a message decompresses within bounds",
			old: "limit", new: "65*limit",
			pkg: faults, tests: []string{"TestZipBomb"}, says: "the consumer took",
		},
		{
			name: "id-holds-observation", breaks: "a fact has the same id whenever it is read",
			old: "m.r.eventName", new: "m.r.eventName, m.observedAt.String()",
			pkg: integration, tests: []string{"TestKill"}, says: "the tables differ",
		},
	}
}
