package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"polo/producers/cloudtrail"
	"polo/producers/cur"
	"polo/producers/exchange"
	"polo/producers/recorded"
	"polo/producers/tree"
)

// sorted holds the files of an input by kind.
type sorted struct {
	// input is the input as named by the user.
	input string
	tree  tree.Tree
	names map[string][]string
	kinds map[string]string // by file
	// strays are files of no kind.
	strays []stray
	// doubt is why bills may have been missed; "" if none can be.
	doubt string
	// size has the bytes of the files of each kind, by name.
	size map[string]int64
}

// bytes returns how many bytes there are to read.
func (s *sorted) bytes() (n int64) {
	for name := range s.kinds {
		n += s.size[name]
	}
	return n
}

func (s *sorted) only(kind string) func(string) bool {
	return func(name string) bool { return s.kinds[name] == kind }
}

func (s *sorted) put(name, kind string) {
	s.names[kind], s.kinds[name] = append(s.names[kind], name), kind
}

// sort reads every file's beginning. A file of no kind is a stray, and does not stop the others.
func (c *ingestCmd) sort(ctx context.Context, input string) (*sorted, error) {
	t, err := tree.Open(ctx, input)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", input, err)
	}
	objects, err := t.List(ctx, "")
	if err == nil && len(objects) == 0 {
		err = fmt.Errorf("%w: nothing is in it", tree.ErrNoInput)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("reading %s: %w", input, err), t.Close())
	}
	s := &sorted{input: input, tree: t, names: map[string][]string{}, kinds: map[string]string{}, size: map[string]int64{}}
	var perhapsBills []stray
	for _, o := range objects {
		s.size[o.Name] = o.Size
		if o.Unreadable != "" {
			folder := strings.HasSuffix(o.Name, "/")
			s.strays = append(s.strays, stray{name: o.Name, why: o.Unreadable, unread: folder})
			if folder {
				s.doubt = o.Name + ": " + o.Unreadable
			}
			continue
		}
		if c.Source != "auto" {
			s.put(o.Name, c.Source)
			continue
		}
		h := head(ctx, t, o.Name)
		if err := context.Cause(ctx); err != nil {
			return nil, errors.Join(err, t.Close())
		}
		k := kindOf(o.Name, h)
		// A name alone is no reason against what a platform's reader knows.
		if named := k == kindRecorded && !recorded.Sniff("", h.text); (k == "" || named) && c.known(ctx, t, o, h) {
			k = kindExchange
		}
		if k != "" {
			s.put(o.Name, k)
			continue
		}
		f := strayOf(o.Name, h)
		if h.err == nil && cur.NamesData(o.Name) && !trailInCSV(h.text) {
			perhapsBills = append(perhapsBills, f)
			continue
		}
		s.strays = append(s.strays, f)
		if h.err != nil && cur.NamesData(o.Name) {
			s.doubt = o.Name + ": " + f.why // it may be a part of any bill without a manifest
		}
	}
	for _, f := range perhapsBills {
		// Beside bills it may be a part of one: the reader of bills decides.
		if len(s.names[kindBill]) > 0 {
			s.put(f.name, kindBill)
		} else {
			s.strays = append(s.strays, f)
		}
	}
	return s, nil
}

// headSize bounds the beginning of a file that is read, in bytes.
const headSize = 64 << 10

// beginning is the beginning of a file.
type beginning struct {
	raw []byte
	// text is raw, decompressed as far as possible.
	text []byte
	// broken describes the fault of a gzip file that does not decompress to its end.
	broken bool
	// err is why nothing can be read.
	err error
}

func head(ctx context.Context, t tree.Tree, name string) (b beginning) {
	in, err := t.Open(ctx, name)
	if err != nil {
		return beginning{err: err}
	}
	defer func() { _ = in.Close() }() // only read
	b.raw, err = io.ReadAll(io.LimitReader(in, headSize))
	if err != nil && len(b.raw) == 0 {
		return beginning{err: err}
	}
	zipped := bytes.HasPrefix(b.raw, []byte{0x1f, 0x8b})
	switch {
	case zipped:
		b.text, err = unpacked(b.raw)
		b.broken = err != nil && (len(b.text) == 0 || len(b.raw) < headSize)
	default:
		b.text = b.raw
		b.broken = len(b.raw) > 0 && strings.HasSuffix(name, ".gz") && !isText(b.raw)
	}
	return b
}

// unpacked decompresses a gzipped beginning as far as possible.
func unpacked(head []byte) ([]byte, error) {
	z, err := tree.Gunzip(bufio.NewReader(bytes.NewReader(head)))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(z, 4*headSize))
}

// kindOf returns a file's kind, by its content first and then by its name; "" if it has none. A
// damaged file has the kind of its readable part or of its name: the reader of that kind keeps it
// as a failure.
func kindOf(name string, b beginning) string {
	if isTar(b.text) {
		return ""
	}
	if cur.Sniff(name, b.raw) {
		return kindBill
	}
	if trailInCSV(b.text) {
		return ""
	}
	if exchange.Sniff(b.text) {
		return kindExchange
	}
	like := cloudtrail.Sniff(name, b.text)
	answer := recorded.Sniff(name, b.text)
	switch {
	case bytes.Contains(b.text, []byte(`"ResultsByTime"`)):
		return kindRecorded
	case like == cloudtrail.Certain, recorded.OfTrail(name):
		return kindCloudTrail
	case answer:
		return kindRecorded
	case like != cloudtrail.Unlikely:
		return kindCloudTrail
	case b.broken && cur.NamesData(name):
		return kindBill
	case b.broken && cloudtrail.NamesLog(name):
		return kindCloudTrail
	}
	return "" //mutant:strays-are-logs
}

// stray is a file that no reader reads.
type stray struct {
	name string
	why  string
	// do is how to include it, if that is possible.
	do string
	// unread marks a file that could not be opened, or a folder that could not be listed: they may
	// contain input.
	unread bool
}

// strayOf describes a file of no kind.
func strayOf(name string, b beginning) stray {
	s := stray{name: name}
	start := bytes.TrimLeft(b.text, "\xef\xbb\xbf \t\r\n")
	switch {
	case b.err != nil:
		s.why, s.unread = "cannot be read: "+briefly(b.err), true
	case len(b.raw) == 0:
		s.why = "empty"
	case isTar(b.text), bytes.HasPrefix(b.raw, []byte("PK\x03\x04")), endsIn(name, ".tar", ".tgz", ".tar.gz", ".7z", ".rar"):
		s.why, s.do = "an archive", "unpack it"
	case b.broken && len(b.text) == 0, b.broken && !isText(b.text):
		s.why, s.unread = "gzip that cannot be unpacked", true
	case bytes.HasPrefix(b.raw, []byte("\x28\xb5\x2f\xfd")), bytes.HasPrefix(b.raw, []byte("BZh")), bytes.HasPrefix(b.raw, []byte("\xfd7zXZ")):
		s.why, s.do = "compressed in another way than gzip", "unpack it"
	case len(start) == 0:
		s.why = "empty"
	case trailInCSV(b.text):
		s.why = "CloudTrail's events in CSV"
		s.do = "give the log files of the trail from S3, or the events as JSON: the event history downloads them so, and in CloudTrail Lake the column eventJson has them"
	case cassetteInYAML.Match(b.text):
		s.why, s.do = "recorded requests in YAML", "write them as JSON (yq -o json)"
	case isMeta(b.text):
		s.why, s.do = "what people know of accounts and customers", "polo meta load reads it"
	case bytes.HasPrefix(b.text, []byte("\xff\xfe")), bytes.HasPrefix(b.text, []byte("\xfe\xff")):
		s.why, s.do = "UTF-16", "write it as UTF-8"
	default:
		if s.why = foreign(name, b.text); s.why != "" {
			s.do = "Polo does not read this source"
		} else {
			s.why = formOf(name, b.text, start)
		}
	}
	return s
}

// cassetteInYAML matches what go-vcr and others write by default.
var cassetteInYAML = regexp.MustCompile(`(?m)^(http_)?interactions:\s*$`)

// formOf says what a text of no kind that is read looks like; start is the text without white space
// before it.
func formOf(name string, text, start []byte) string {
	begins := func(with string) bool {
		return len(start) >= len(with) && strings.EqualFold(string(start[:len(with)]), with)
	}
	switch {
	case begins("<!doctype html"), begins("<html"):
		return "HTML"
	case begins("<"):
		return "XML"
	case begins("{"), begins("["):
		return "JSON of no kind that is read"
	case endsIn(name, ".csv", ".csv.gz", ".tsv"):
		return "CSV without the columns of a bill"
	case isText(text):
		return "text of no kind that is read"
	}
	return "no kind of file that is read"
}

// endsIn reports whether a file's name ends in one of some texts, in any case.
func endsIn(name string, any ...string) bool {
	name = strings.ToLower(path.Base(name))
	return slices.ContainsFunc(any, func(end string) bool { return strings.HasSuffix(name, end) })
}

// isTar recognises an archive by its magic number.
func isTar(text []byte) bool {
	const mark = 257
	return len(text) > mark+5 && string(text[mark:mark+5]) == "ustar"
}

// isText distinguishes text from binary data by its first bytes.
func isText(data []byte) bool {
	for _, ch := range data[:min(len(data), 512)] {
		if ch < ' ' && ch != '\t' && ch != '\n' && ch != '\r' && ch != '\f' && ch != 0x1b {
			return false
		}
	}
	return true
}

// briefly returns an error without the path, which is printed beside it.
func briefly(err error) string {
	var of *fs.PathError
	if errors.As(err, &of) {
		return of.Err.Error()
	}
	return err.Error()
}
