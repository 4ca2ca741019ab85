"""Talks to an SQS endpoint with boto3 and fails on the first surprise."""

import json
import sys

import boto3
from botocore.exceptions import ClientError

client = boto3.client(
    "sqs", endpoint_url=sys.argv[1], region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
)


def refused(call, code, kind=None):
    try:
        call()
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error.response
        assert kind is None or isinstance(error, kind), type(error)
        return
    raise AssertionError("accepted, not refused with " + code)


dead = client.create_queue(QueueName="boto-dead")["QueueUrl"]
arn = client.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
queue = client.create_queue(
    QueueName="boto",
    Attributes={
        "VisibilityTimeout": "0",
        "RedrivePolicy": json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1}),
    },
    tags={"team": "data"},
)["QueueUrl"]
assert client.list_queue_tags(QueueUrl=queue)["Tags"] == {"team": "data"}
assert client.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"] == [queue]

body = 'quote " é \U0001f600\n'
sent = client.send_message(
    QueueUrl=queue,
    MessageBody=body,
    MessageAttributes={"bin": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}},
    MessageSystemAttributes={"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1"}},
)
message = client.receive_message(QueueUrl=queue, MessageAttributeNames=["All"], MessageSystemAttributeNames=["All"])["Messages"][0]
assert message["MessageId"] == sent["MessageId"] and message["Body"] == body
assert message["MessageAttributes"]["bin"]["BinaryValue"] == b"\x00\xff"
assert message["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]
assert message["Attributes"]["AWSTraceHeader"] == "Root=1"
assert "Messages" not in client.receive_message(QueueUrl=queue)  # moved on
letter = client.receive_message(QueueUrl=dead, AttributeNames=["All"])["Messages"][0]
assert letter["Attributes"]["DeadLetterQueueSourceArn"].endswith(":boto"), letter
client.delete_message(QueueUrl=dead, ReceiptHandle=letter["ReceiptHandle"])

batch = client.send_message_batch(
    QueueUrl=queue, Entries=[{"Id": "a", "MessageBody": "fine"}, {"Id": "b", "MessageBody": "not \x00 fine"}]
)
assert [e["Id"] for e in batch["Successful"]] == ["a"] and batch["Failed"][0]["SenderFault"] is True, batch

none = queue + "-none"
refused(lambda: client.receive_message(QueueUrl=none), "AWS.SimpleQueueService.NonExistentQueue", client.exceptions.QueueDoesNotExist)
refused(lambda: client.send_message_batch(QueueUrl=queue, Entries=[]), "AWS.SimpleQueueService.EmptyBatchRequest", client.exceptions.EmptyBatchRequest)
refused(lambda: client.delete_message(QueueUrl=queue, ReceiptHandle="x"), "ReceiptHandleIsInvalid", client.exceptions.ReceiptHandleIsInvalid)
refused(lambda: client.receive_message(QueueUrl=queue, MaxNumberOfMessages=11), "InvalidParameterValue")
client.delete_queue(QueueUrl=queue)
