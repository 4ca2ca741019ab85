package faults_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go/proto"

	"polo/consumer"
	sink "polo/internal/clickhouse"
	"polo/internal/queue"
	"polo/internal/queue/sqs"
	"polo/local/chdb"
	"polo/local/stack"
	"polo/schema"
)

// consumerEnv holds the order of a process that becomes a consumer.
const consumerEnv = "POLO_TEST_CONSUMER"

// order configures a consumer process.
type order struct {
	SQS, Queue, DLQ string
	// DLQEndpoint is the dead-letter queue's endpoint, if not SQS's.
	DLQEndpoint string
	ClickHouse  string
	User        chdb.User
	CrashLog    string
	// Ready is a file that the process creates once it handles signals.
	Ready      string
	Visibility time.Duration
	// Batch is how many messages are inserted together; zero means few, so that there
	// are many batches to disturb.
	Batch int
	// Linger is how long a batch waits to fill.
	Linger time.Duration
	// Die names a moment at which the process kills itself with SIGKILL: before_insert,
	// after_insert or in_dlq_send, the At-th time that it occurs.
	Die string
	At  int32
	// Killer is the resource_name of an event that kills the process that inserts it.
	Killer string
}

// runConsumer turns this process into a consumer if it was started as one.
func runConsumer() {
	text := os.Getenv(consumerEnv)
	if text == "" {
		return
	}
	if err := consume(text); err != nil {
		fmt.Fprintln(os.Stderr, "consumer:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func consume(text string) error {
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := os.WriteFile(o.Ready, nil, 0o600); err != nil {
		return err
	}
	client := sqs.NewClient(stack.AWSConfig(), o.SQS)
	dlqClient := client
	if o.DLQEndpoint != "" {
		dlqClient = sqs.NewClient(stack.AWSConfig(), o.DLQEndpoint)
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	reaper := &reaper{moment: o.Die, left: o.At, killer: o.Killer}
	out := sink.NewSink(sink.Config{Addr: o.ClickHouse, Database: chdb.Database, User: o.User.Name, Password: o.User.Password, Connections: 2})
	crashes, err := consumer.OpenCrashLog(o.CrashLog, time.Now)
	if err != nil {
		return err
	}
	c, err := consumer.New(consumer.Config{
		Sink: dyingSink{out, reaper}, DeadLetter: dyingSender{sqs.New(dlqClient, o.DLQ, sqs.Options{}), reaper},
		InsertRetry: time.Second, Crashes: crashes, Logger: log,
	})
	if err != nil {
		return err
	}
	drain := consumer.NewDrain(c, consumer.DrainConfig{
		Queue: sqs.New(client, o.Queue, sqs.Options{}), Workers: 2, BatchMessages: cmp.Or(o.Batch, 20), Linger: o.Linger, Wait: time.Second, Visibility: o.Visibility, Logger: log,
	})
	return drain.Run(ctx)
}

// reaper kills the process at its moment.
type reaper struct {
	moment string
	left   int32
	killer string
}

func (r *reaper) reached(moment string) {
	if r.moment == moment && atomic.AddInt32(&r.left, -1) == 0 {
		r.kill()
	}
}

func (r *reaper) kill() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

// checkRows kills the process if the killer is among the rows.
func (r *reaper) checkRows(rows *schema.Rows) {
	if r.killer == "" {
		return
	}
	for _, c := range rows.Input() {
		names, ok := c.Data.(*proto.ColStr)
		if c.Name != "resource_name" || !ok {
			continue
		}
		for i := range names.Rows() {
			if names.Row(i) == r.killer {
				r.kill()
			}
		}
	}
}

type dyingSink struct {
	*sink.Sink
	reaper *reaper
}

func (s dyingSink) Insert(ctx context.Context, rows *schema.Rows, token string) error {
	s.reaper.checkRows(rows)
	s.reaper.reached("before_insert")
	err := s.Sink.Insert(ctx, rows, token)
	if err == nil {
		s.reaper.reached("after_insert")
	}
	return err
}

type dyingSender struct {
	queue.Sender
	reaper *reaper
}

func (s dyingSender) SendBatch(ctx context.Context, batch []queue.Outgoing) []error {
	errs := s.Sender.SendBatch(ctx, batch)
	s.reaper.reached("in_dlq_send")
	return errs
}

// process is a running consumer.
type process struct {
	cmd    *exec.Cmd
	exited chan struct{}
	err    error
	ready  string
}

// startConsumer starts a consumer process on r; change may alter its order.
func (r *rig) startConsumer(t *testing.T, change ...func(*order)) *process {
	t.Helper()
	o := order{
		SQS: r.sqsURL, Queue: r.queueURL, DLQ: r.dlqURL, ClickHouse: r.proxy.addr(), User: r.engine().Users.Writer,
		CrashLog: filepath.Join(r.dir, "crashes.json"), Visibility: visibility,
	}
	for _, c := range change {
		c(&o)
	}
	o.Ready = filepath.Join(t.TempDir(), "ready")
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.OpenFile(filepath.Join(r.dir, "consumer.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	p := &process{cmd: exec.Command(self), exited: make(chan struct{}), ready: o.Ready}
	p.cmd.Env = append(os.Environ(), consumerEnv+"="+string(text))
	p.cmd.Stderr = log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.exited)
	}()
	t.Cleanup(func() { p.kill(t) })
	return p
}

// peakMemory returns the most memory that it took, in bytes.
func (p *process) peakMemory(t *testing.T) int64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	var kib int64
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		t.Fatal(err)
	}
	return kib << 10
}

// kill is kill -9.
func (p *process) kill(t *testing.T) {
	t.Helper()
	select {
	case <-p.exited:
		return
	default:
	}
	p.signal(t, syscall.SIGKILL)
	<-p.exited
}

func (p *process) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		select {
		case <-p.exited: // it has exited meanwhile
		case <-time.After(time.Second):
			t.Error(err)
		}
	}
}

// awaitExit waits until it exits by itself.
func (p *process) awaitExit(t *testing.T) {
	t.Helper()
	select {
	case <-p.exited:
	case <-time.After(time.Minute):
		t.Fatal("the consumer does not die")
	}
}

// stop stops it as a deployment does, and checks that it ends cleanly.
func (p *process) stop(t *testing.T) {
	t.Helper()
	// Wait until it handles signals: before that the signal would just kill it.
	for start := time.Now(); time.Since(start) < 20*time.Second; time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(p.ready); err == nil {
			break
		}
	}
	p.signal(t, syscall.SIGTERM)
	select {
	case <-p.exited:
		if p.err != nil {
			t.Errorf("the consumer ended with %v", p.err)
		}
	case <-time.After(20 * time.Second):
		p.signal(t, syscall.SIGQUIT) // print where it hangs
		time.Sleep(time.Second)
		t.Error("the consumer does not stop")
	}
}
