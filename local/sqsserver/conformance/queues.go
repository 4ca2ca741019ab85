package conformance

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func queueCases() []testCase {
	return []testCase{
		{"CreateIsIdempotent", createIsIdempotent},
		{"CreateWithOtherAttributes", createWithOtherAttributes},
		{"QueueNames", queueNames},
		{"FIFORefused", fifoRefused},
		{"GetQueueURL", getQueueURL},
		{"ListByPrefix", listByPrefix},
		{"ListInPages", listInPages},
		{"DeletedQueueIsGone", deletedQueueIsGone},
		{"DeletedRecently", deletedRecently},
		{"InvalidAddress", invalidAddress},
		{"Purge", purge},
		{"PurgeTwice", purgeTwice},
	}
}

func createIsIdempotent(x *exchange) {
	attributes := map[string]string{"VisibilityTimeout": "41", "DelaySeconds": "2"}
	first := x.queue("q", attributes)
	equal(x, "URL of a second creation", x.queue("q", attributes), first)
	equal(x, "URL of a creation without attributes", x.queue("q", nil), first)
	equal(x, "end of the URL", strings.HasSuffix(first, "/"+x.name("q")), true)
}

func createWithOtherAttributes(x *exchange) {
	x.queue("q", map[string]string{"VisibilityTimeout": "41"})
	_, err := x.client.CreateQueue(x.ctx, &sqs.CreateQueueInput{
		QueueName: aws.String(x.name("q")), Attributes: map[string]string{"VisibilityTimeout": "42"},
	})
	typed[*types.QueueNameExists](x, "creating with another attribute", err)
	x.refused("creating with another attribute", err, "QueueAlreadyExists")
}

func queueNames(x *exchange) {
	for _, name := range []string{"a b", "a/b", "ä", strings.Repeat("n", 81)} {
		_, err := x.client.CreateQueue(x.ctx, &sqs.CreateQueueInput{QueueName: &name})
		x.refused("name "+name, err, "InvalidParameterValue")
	}
	_, err := x.client.CreateQueue(x.ctx, &sqs.CreateQueueInput{QueueName: aws.String(x.tag + strings.Repeat("n", 80-len(x.tag)))})
	x.ok(err)
}

func fifoRefused(x *exchange) {
	_, err := x.client.CreateQueue(x.ctx, &sqs.CreateQueueInput{
		QueueName: aws.String(x.name("q.fifo")), Attributes: map[string]string{"FifoQueue": "true"},
	})
	typed[*types.UnsupportedOperation](x, "creating a FIFO queue", err)
}

func getQueueURL(x *exchange) {
	queue := x.queue("q", nil)
	out, err := x.client.GetQueueUrl(x.ctx, &sqs.GetQueueUrlInput{QueueName: aws.String(x.name("q"))})
	x.ok(err)
	equal(x, "URL", *out.QueueUrl, queue)
	_, err = x.client.GetQueueUrl(x.ctx, &sqs.GetQueueUrlInput{QueueName: aws.String(x.name("none"))})
	typed[*types.QueueDoesNotExist](x, "URL of no queue", err)
	x.refused("URL of no queue", err, "AWS.SimpleQueueService.NonExistentQueue")
}

func listByPrefix(x *exchange) {
	want := []string{x.queue("a1", nil), x.queue("a2", nil)}
	x.queue("b", nil)
	out, err := x.client.ListQueues(x.ctx, &sqs.ListQueuesInput{QueueNamePrefix: aws.String(x.name("a"))})
	x.ok(err)
	equal(x, "queues", strings.Join(slices.Sorted(slices.Values(out.QueueUrls)), " "), strings.Join(want, " "))
	out, err = x.client.ListQueues(x.ctx, &sqs.ListQueuesInput{QueueNamePrefix: aws.String(x.name("none"))})
	x.ok(err)
	equal(x, "queues of an unused prefix", len(out.QueueUrls), 0)
}

func listInPages(x *exchange) {
	want := []string{x.queue("p1", nil), x.queue("p2", nil), x.queue("p3", nil), x.queue("p4", nil), x.queue("p5", nil)}
	var got []string
	pages := 0
	pager := sqs.NewListQueuesPaginator(x.client, &sqs.ListQueuesInput{QueueNamePrefix: aws.String(x.name("p")), MaxResults: aws.Int32(2)})
	for pager.HasMorePages() {
		out, err := pager.NextPage(x.ctx)
		x.ok(err)
		got = append(got, out.QueueUrls...)
		if pages++; pages > 5 {
			x.fatalf("the pages do not end")
		}
	}
	equal(x, "pages", pages, 3)
	equal(x, "queues", strings.Join(slices.Sorted(slices.Values(got)), " "), strings.Join(want, " "))
}

func deletedQueueIsGone(x *exchange) {
	queue := x.queue("q", nil)
	x.send(queue, "m")
	_, err := x.client.DeleteQueue(x.ctx, &sqs.DeleteQueueInput{QueueUrl: &queue})
	x.ok(err)
	_, err = x.client.SendMessage(x.ctx, &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: aws.String("m")})
	typed[*types.QueueDoesNotExist](x, "sending to a deleted queue", err)
	_, err = x.client.ReceiveMessage(x.ctx, &sqs.ReceiveMessageInput{QueueUrl: &queue})
	typed[*types.QueueDoesNotExist](x, "receiving from a deleted queue", err)
	_, err = x.client.DeleteQueue(x.ctx, &sqs.DeleteQueueInput{QueueUrl: &queue})
	typed[*types.QueueDoesNotExist](x, "deleting a deleted queue", err)
}

func deletedRecently(x *exchange) {
	queue := x.queue("q", nil)
	_, err := x.client.DeleteQueue(x.ctx, &sqs.DeleteQueueInput{QueueUrl: &queue})
	x.ok(err)
	_, err = x.client.CreateQueue(x.ctx, &sqs.CreateQueueInput{QueueName: aws.String(x.name("q"))})
	typed[*types.QueueDeletedRecently](x, "creating it again at once", err)
}

func invalidAddress(x *exchange) {
	_, err := x.client.ReceiveMessage(x.ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String("nowhere")})
	typed[*types.InvalidAddress](x, "receiving from no URL", err)
}

func purge(x *exchange) {
	queue := x.queue("q", map[string]string{"DelaySeconds": "0"})
	x.send(queue, "in flight")
	x.one(queue, 60)
	x.send(queue, "visible")
	_, err := x.client.SendMessage(x.ctx, &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: aws.String("delayed"), DelaySeconds: 60})
	x.ok(err)
	_, err = x.client.PurgeQueue(x.ctx, &sqs.PurgeQueueInput{QueueUrl: &queue})
	x.ok(err)
	for _, name := range []types.QueueAttributeName{
		types.QueueAttributeNameApproximateNumberOfMessages, types.QueueAttributeNameApproximateNumberOfMessagesDelayed,
		types.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
	} {
		equal(x, string(name), x.attribute(queue, name), "0")
	}
	equal(x, "messages left", len(x.receive(queue, 60)), 0)
	x.send(queue, "after")
	equal(x, "sent after", *x.one(queue, 60).Body, "after")
}

func purgeTwice(x *exchange) {
	queue := x.queue("q", nil)
	_, err := x.client.PurgeQueue(x.ctx, &sqs.PurgeQueueInput{QueueUrl: &queue})
	x.ok(err)
	_, err = x.client.PurgeQueue(x.ctx, &sqs.PurgeQueueInput{QueueUrl: &queue})
	typed[*types.PurgeQueueInProgress](x, "purging again", err)
}
