package sqsserver_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"polo/local/sqsserver"
)

// rawCall makes a call without an SDK, so that only the server is measured.
func rawCall(tb testing.TB, client *sqsserver.Client, action string, body []byte) []byte {
	tb.Helper()
	r, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, "http://sqs.local/", bytes.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "AmazonSQS."+action)
	answer, err := client.Do(r)
	if err != nil {
		tb.Fatal(err)
	}
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		tb.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil {
		tb.Fatal(err)
	}
	if answer.StatusCode != http.StatusOK {
		tb.Fatalf("%s: %d %s", action, answer.StatusCode, b)
	}
	return b
}

// BenchmarkBatch sends, receives and deletes batches of 10 messages of 80 KB.
func BenchmarkBatch(b *testing.B) {
	for _, c := range []struct {
		name         string
		stored, sync bool
	}{{"memory", false, false}, {"store", true, false}, {"synced", true, true}} {
		b.Run(c.name, func(b *testing.B) {
			o := sqsserver.Options{Sync: c.sync}
			if c.stored {
				o.Dir = b.TempDir()
			}
			client := newServer(b, o).Client()
			rawCall(b, client, "CreateQueue", []byte(`{"QueueName":"q"}`))
			const url = `"QueueUrl":"http://sqs.local/000000000000/q"`
			text, err := json.Marshal(`{"v":1,"encoding":"zstd","events":"` + strings.Repeat("QUJDREVGR0g+/", 80_000/13) + `"}`)
			if err != nil {
				b.Fatal(err)
			}
			var entries []string
			for i := range 10 {
				entries = append(entries, fmt.Sprintf(`{"Id":"%d","MessageBody":%s}`, i, text))
			}
			send := []byte(`{` + url + `,"Entries":[` + strings.Join(entries, ",") + `]}`)
			b.SetBytes(int64(10 * len(text)))
			for b.Loop() {
				rawCall(b, client, "SendMessageBatch", send)
				answer := rawCall(b, client, "ReceiveMessage", []byte(`{`+url+`,"MaxNumberOfMessages":10}`))
				var handles []string
				for part := range bytes.SplitSeq(answer, []byte(`"ReceiptHandle":"`)) {
					handle, _, _ := bytes.Cut(part, []byte(`"`))
					handles = append(handles, fmt.Sprintf(`{"Id":"%d","ReceiptHandle":"%s"}`, len(handles), handle))
				}
				if len(handles) != 11 {
					b.Fatalf("received %d messages", len(handles)-1)
				}
				rawCall(b, client, "DeleteMessageBatch", []byte(`{`+url+`,"Entries":[`+strings.Join(handles[1:], ",")+`]}`))
			}
		})
	}
}
