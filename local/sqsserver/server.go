package sqsserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-faster/jx"
	"github.com/google/uuid"
)

// Options configure a Server; the zero value is memory-only with the real clock and no faults.
type Options struct {
	// Dir is the data directory with the bbolt file; empty keeps everything in memory.
	Dir string
	// Sync makes every acknowledgement wait until the disk has the data, so that it survives a power failure. Otherwise
	// it waits only until the operating system has it: that survives the death of the process, kill -9 included, but no
	// power failure.
	Sync bool
	// KeepExpired keeps messages past their queue's retention: a laptop may sleep for longer than that, with nobody to
	// receive them.
	KeepExpired bool
	// Region and Account are those of queue ARNs; default us-east-1 and 000000000000.
	Region, Account string
	// BaseURL is the beginning of queue URLs, for example http://127.0.0.1:9324; if empty, each request's Host decides.
	BaseURL string
	// Clock returns the time; default time.Now. Long polls and move tasks wait on real timers (fake ones in a
	// testing/synctest bubble), for durations by this clock.
	Clock  func() time.Time
	Faults Faults
	// Logger logs requests that fail through the server's own fault; default none.
	Logger *slog.Logger
}

// Server is an SQS endpoint for one account and region. It is safe for concurrent use. A server used in a
// testing/synctest bubble must be created in it.
type Server struct {
	options Options
	actions map[string]action
	dice    dice
	store   *store
	buffers sync.Pool // *[]byte, request bodies
	writers sync.Pool // *jx.Writer

	ctx   context.Context
	stop  context.CancelFunc
	tasks sync.WaitGroup

	mu      sync.Mutex // guards what follows, and every queue
	queues  map[string]*queue
	deleted map[string]time.Time // when a name was deleted
	seq     uint64               // the last message's
	queueID uint64               // the last queue's
	moves   map[string][]*moveTask
}

// New returns a server with the content of its data directory.
func New(o Options) (*Server, error) {
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	if o.Account == "" {
		o.Account = "000000000000"
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.BaseURL = strings.TrimRight(o.BaseURL, "/")
	s := &Server{
		options: o, actions: actions(), queues: map[string]*queue{}, deleted: map[string]time.Time{},
		moves: map[string][]*moveTask{},
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.dice.set(o.Faults)
	if o.Dir == "" {
		return s, nil
	}
	var err error
	if s.store, err = openStore(o.Dir, o.Sync, o.Logger, s.dropContents); err != nil {
		return nil, err
	}
	if err := s.load(); err != nil {
		return nil, errors.Join(unreadable(s.store.db.Path(), err), s.store.close())
	}
	return s, nil
}

// load loads the store. Every message is visible, except those with a delay that is not over.
func (s *Server) load() error {
	now := s.options.Clock()
	return s.store.load(func(id uint64, stored storedQueue) func(*message) {
		attributes := defaultAttributes()
		for name, value := range stored.Attributes {
			attributes[name] = value
		}
		q := newQueue(id, stored.Name, s.arn(stored.Name), time.UnixMilli(stored.Created), attributes, stored.Tags)
		q.keep = s.options.KeepExpired
		q.modified = time.UnixMilli(stored.Modified)
		s.queues[q.name] = q
		s.queueID = max(s.queueID, id)
		return func(m *message) {
			s.seq = max(s.seq, m.seq)
			q.add(m, now)
		}
	})
}

// SetFaults changes the faults from the next draw on and restarts their sequence.
func (s *Server) SetFaults(f Faults) { s.dice.set(f) }

// Close ends long polls and move tasks, and flushes and closes the store. With a data directory, whatever waits for the
// store then fails: nothing is acknowledged that would be lost.
func (s *Server) Close() error {
	s.mu.Lock() // no move task starts after this
	s.stop()
	s.mu.Unlock()
	s.tasks.Wait()
	return s.store.close()
}

func (s *Server) now() time.Time { return s.options.Clock() }

func (s *Server) arn(name string) string {
	return "arn:aws:sqs:" + s.options.Region + ":" + s.options.Account + ":" + name
}

// call is a request in progress.
type call struct {
	*request
	ctx  context.Context
	base string // the beginning of its queue URLs
	out  *jx.Writer
	undo func() // undoes a receive whose response cannot be delivered; nil if nothing was received
}

// action runs a call. It writes a JSON object to the call's out, or returns an error and writes nothing.
type action struct {
	do    func(*Server, *call) error
	acked bool // its response acknowledges a change, which the LostAck fault can lose
	reads bool // it changes nothing that is stored
}

const (
	contentType  = "application/x-amz-json-1.0"
	targetPrefix = "AmazonSQS."
)

// ServeHTTP answers one call of the protocol, on any path.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out, ok := s.writers.Get().(*jx.Writer)
	if !ok {
		out = new(jx.Writer)
	}
	defer s.writers.Put(out)
	out.Reset()

	c := &call{ctx: r.Context(), out: out, base: s.options.BaseURL}
	if c.base == "" {
		c.base = "http://" + r.Host
	}
	err := s.serve(c, r)
	if r.Context().Err() != nil {
		// The client has disconnected: what was received goes back to its queue at once.
		if c.undo != nil {
			c.undo()
		}
		return
	}

	status := http.StatusOK
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("X-Amzn-RequestId", uuid.NewString())
	if err != nil {
		var refused *apiError
		if !errors.As(err, &refused) {
			s.options.Logger.ErrorContext(r.Context(), "answering a request", slog.String("target", r.Header.Get("X-Amz-Target")), slog.Any("error", err))
			refused = errInternal()
		}
		status = refused.status
		h.Set("X-Amzn-Query-Error", refused.code+";"+refused.fault())
		out.Reset()
		refused.write(out)
	}
	h.Set("Content-Length", strconv.Itoa(len(out.Buf)))
	w.WriteHeader(status)
	if _, err := w.Write(out.Buf); err != nil && c.undo != nil {
		c.undo()
	}
}

func (s *Server) serve(c *call, r *http.Request) error {
	if r.Method != http.MethodPost {
		return errAction("Only POST is accepted.")
	}
	name, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), targetPrefix)
	if !ok {
		return errAction("The header X-Amz-Target is missing or names no action of AmazonSQS: only the AWS JSON 1.0 protocol is spoken here.")
	}
	act, ok := s.actions[name]
	if !ok {
		return errAction("The action " + shorten(name) + " is not valid for this endpoint.")
	}
	buf, ok := s.buffers.Get().(*[]byte)
	if !ok {
		buf = new([]byte)
	}
	defer s.buffers.Put(buf)
	if err := readBody(r, buf); err != nil {
		return err
	}
	request, err := decodeRequest(*buf)
	if err != nil {
		return errSerialization(err)
	}
	c.request = request
	if !act.reads && s.store.failed() != nil {
		return errUnavailable() // before anything changes in memory that could not be stored
	}
	if err := s.dice.refuse(); err != nil {
		return err
	}
	if err := act.do(s, c); err != nil {
		return err
	}
	if act.acked && s.dice.lostAck() {
		return errInternal()
	}
	return nil
}

// readBody reads the request's body into buf.
func readBody(r *http.Request, buf *[]byte) error {
	if r.ContentLength > maxRequest {
		return errTooLarge()
	}
	b := (*buf)[:0]
	if r.Body == nil {
		*buf = b
		return nil
	}
	if need := int(r.ContentLength) + 1; cap(b) < need { // one more, so that EOF is seen without growing
		b = make([]byte, 0, need)
	}
	for {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := r.Body.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		*buf = b
		if len(b) > maxRequest {
			return errTooLarge()
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return errSerialization(fmt.Errorf("reading the request: %w", err))
		}
	}
}
