package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"polo/producers"
	"polo/producers/exchange"
	"polo/producers/exchange/ingest"
	"polo/producers/registry"
	"polo/producers/tree"
)

// maxAsked bounds a file that is read whole to ask whose answer it is, in bytes, and
// maxCommas its values: each takes some hundred bytes of memory, and answers have fewer.
const maxAsked, maxCommas = 4 << 20, 200_000

// exchangeReaders returns the sources' readers of recorded exchanges.
func (c *ingestCmd) exchangeReaders() ([]exchange.Reader, error) {
	if c.readers != nil {
		return c.readers, nil
	}
	all, err := registry.All()
	c.readers = []exchange.Reader{}
	for _, s := range all {
		if s.Recorded != nil {
			c.readers = append(c.readers, *s.Recorded)
		}
	}
	return c.readers, err
}

// known reports whether a platform's reader knows a file as an answer or a delivery, by its beginning or, if it
// is small, by all of it.
func (c *ingestCmd) known(ctx context.Context, t tree.Tree, o tree.Object, h beginning) bool {
	readers, err := c.exchangeReaders()
	start := bytes.TrimLeft(h.text, "\xef\xbb\xbf \t\r\n")
	if err != nil || !bytes.HasPrefix(start, []byte("{")) && !bytes.HasPrefix(start, []byte("[")) {
		return false
	}
	if exchange.Known(h.text, readers) {
		return true
	}
	if len(h.raw) < headSize || o.Size > maxAsked {
		return false
	}
	in, err := t.Open(ctx, o.Name)
	if err != nil {
		return false // it is a stray, and its reader would say why
	}
	defer func() { _ = in.Close() }() // only read
	var text io.Reader = in
	if bytes.HasPrefix(h.raw, []byte{0x1f, 0x8b}) {
		if text, err = tree.Gunzip(bufio.NewReader(in)); err != nil {
			return false
		}
	}
	whole, _ := io.ReadAll(io.LimitReader(text, maxAsked)) // of a damaged file the beginning
	return bytes.Count(whole, []byte(",")) <= maxCommas && exchange.Known(whole, readers)
}

func (c *ingestCmd) collectExchanges(ctx context.Context, in *sorted, to producers.FlushingEmitter, sum *ingestSummary, _ *reading) error {
	of, err := c.origin()
	if err != nil {
		return err
	}
	readers, err := c.exchangeReaders()
	if err != nil {
		return err
	}
	got, err := ingest.Files{
		Tree: in.tree, Names: in.names[kindExchange], Readers: readers, Accounts: of.accounts, At: of.at, ObservedAt: observedNow(), Identity: of.identity,
	}.Collect(ctx, to)
	sum.Read, sum.Files = sum.Read+int64(got.Exchanges), sum.Files+got.Files
	for _, l := range got.Left {
		kind := l.Why
		if l.Call != "" {
			kind += ": " + l.Call
		}
		sum.leaveOut(l.Count, leftOut{Kind: kind, Example: l.Example, Do: exchangeRemedy(l.Why)})
	}
	sum.Undated += got.Undated
	if err != nil {
		return fmt.Errorf("reading %s: %w", in.input, err)
	}
	return nil
}

// exchangeRemedy says what to do about exchanges that became no event; "" of a reader's own reasons.
func exchangeRemedy(why string) string {
	switch {
	case why == exchange.WhyUncovered:
		return "Polo does not read this call"
	case strings.HasPrefix(why, exchange.WhyError):
		return "the service refused: record it again, with the permission that it wants"
	case why == exchange.WhyNoAnswer:
		return "record it again"
	case why == exchange.WhyNothing:
		return "nothing: the answer says that there is none"
	case why == exchange.WhyInvalid, strings.HasPrefix(why, exchange.WhyGap+" ("+string(producers.GapInvalid)):
		return "nothing counts as gone: record it again; if it is whole, Polo does not know this form of it"
	case strings.HasPrefix(why, exchange.WhyGap):
		return "nothing counts as gone: record all pages into one file"
	}
	return ""
}
