package sqsserver_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"polo/local/sqsserver"
)

// childDir, in the environment, makes the test binary a server on that directory.
const childDir = "POLO_SQS_TEST_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := runChild(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// runChild serves until its standard input closes, so that it never outlives the test.
func runChild(dir string) error {
	server, err := sqsserver.New(sqsserver.Options{Dir: dir})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // only EOF matters
		os.Exit(0)
	}()
	fmt.Println(listener.Addr())
	return http.Serve(listener, server)
}

// book is the parent's record of acknowledgements.
type book struct {
	mu      sync.Mutex
	sent    map[string]bool // acknowledged, by id
	trying  map[string]bool // whose deletion was requested
	deleted map[string]bool // whose deletion was acknowledged
}

// TestKill kills a server with SIGKILL in the middle of sends and deletes, several times on one directory. Afterwards
// every acknowledged message is there unless its deletion was requested, and none whose deletion was acknowledged.
func TestKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := &book{sent: map[string]bool{}, trying: map[string]bool{}, deleted: map[string]bool{}}
	for round := range 8 {
		killedRound(t, dir, b)
		checkBook(t, dir, b, round)
	}
	if len(b.sent) < 100 || len(b.deleted) < 20 {
		t.Errorf("only %d messages were acknowledged and %d deleted: the test shows too little", len(b.sent), len(b.deleted))
	}
	t.Logf("%d messages acknowledged, %d deletions asked for, %d acknowledged", len(b.sent), len(b.trying), len(b.deleted))
}

// startChild starts a server on dir in its own process, which ends with this one.
func startChild(t *testing.T, dir string) (*exec.Cmd, *awssqs.Client) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	cmd.Stderr = os.Stderr
	if _, err := cmd.StdinPipe(); err != nil { // closed when this process ends
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	address, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("reading the child's address: %v", err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	client := awssqs.New(awssqs.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("http://" + strings.TrimSpace(address)), Retryer: aws.NopRetryer{},
		HTTPClient:  &http.Client{Transport: plainBody{transport}},
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	return cmd, client
}

func killedRound(t *testing.T, dir string, b *book) {
	t.Helper()
	cmd, client := startChild(t, dir)
	created, err := client.CreateQueue(t.Context(), &awssqs.CreateQueueInput{QueueName: aws.String("q")})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var workers sync.WaitGroup
	// Once armed, the server is killed the moment it has acknowledged a batch: that acknowledgement must hold.
	var armed atomic.Bool
	var once sync.Once
	killed := make(chan error, 1)
	acknowledged := func() {
		if armed.Load() {
			once.Do(func() { killed <- cmd.Process.Kill() })
		}
	}
	for range 3 {
		workers.Go(func() { b.keepSending(ctx, client, created.QueueUrl, acknowledged) })
	}
	workers.Go(func() { b.keepDeleting(ctx, client, created.QueueUrl) })
	time.Sleep(time.Duration(50+rand.IntN(200)) * time.Millisecond)
	armed.Store(true)
	if err := <-killed; err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	cancel()
	workers.Wait()
}

// plainBody hides WriteTo from the transport: otherwise the SDK can close a request's body while a fast server is still
// sent it.
type plainBody struct{ next http.RoundTripper }

func (p plainBody) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		r = r.Clone(r.Context())
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	return p.next.RoundTrip(r)
}

func (b *book) keepSending(ctx context.Context, client *awssqs.Client, queue *string, acknowledged func()) {
	body := strings.Repeat("kill", 5000)
	for ctx.Err() == nil {
		entries := make([]types.SendMessageBatchRequestEntry, 10)
		for i := range entries {
			entries[i] = types.SendMessageBatchRequestEntry{Id: aws.String(fmt.Sprint(i)), MessageBody: &body}
		}
		out, err := client.SendMessageBatch(ctx, &awssqs.SendMessageBatchInput{QueueUrl: queue, Entries: entries})
		if err != nil {
			return // the server is dead
		}
		acknowledged()
		b.mu.Lock()
		for _, e := range out.Successful {
			b.sent[*e.MessageId] = true
		}
		b.mu.Unlock()
	}
}

func (b *book) keepDeleting(ctx context.Context, client *awssqs.Client, queue *string) {
	for ctx.Err() == nil {
		got, err := client.ReceiveMessage(ctx, &awssqs.ReceiveMessageInput{QueueUrl: queue, MaxNumberOfMessages: 5, WaitTimeSeconds: 1})
		if err != nil {
			return
		}
		var entries []types.DeleteMessageBatchRequestEntry
		b.mu.Lock()
		for _, m := range got.Messages {
			b.trying[*m.MessageId] = true
			entries = append(entries, types.DeleteMessageBatchRequestEntry{Id: m.MessageId, ReceiptHandle: m.ReceiptHandle})
		}
		b.mu.Unlock()
		if len(entries) == 0 {
			continue
		}
		out, err := client.DeleteMessageBatch(ctx, &awssqs.DeleteMessageBatchInput{QueueUrl: queue, Entries: entries})
		if err != nil {
			return
		}
		b.mu.Lock()
		for _, e := range out.Successful {
			b.deleted[*e.Id] = true
		}
		b.mu.Unlock()
	}
}

// checkBook opens the directory and compares its messages with what was acknowledged.
func checkBook(t *testing.T, dir string, b *book, round int) {
	t.Helper()
	server, err := sqsserver.New(sqsserver.Options{Dir: dir})
	if err != nil {
		t.Fatalf("round %d: opening after the kill: %v", round, err)
	}
	k := talk{t, newClient(server)}
	there := map[string]bool{}
	for {
		messages := k.receive(prefix+"q", 0)
		if len(messages) == 0 {
			break
		}
		for _, m := range messages {
			there[*m.MessageId] = true
		}
	}
	lost, risen := 0, 0
	for id := range b.sent {
		if !there[id] && !b.trying[id] {
			lost++
		}
	}
	for id := range b.deleted {
		if there[id] {
			risen++
		}
	}
	if lost > 0 || risen > 0 {
		t.Errorf("round %d: %d acknowledged messages are lost, %d deleted ones are back", round, lost, risen)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
}
