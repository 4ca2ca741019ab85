package sqsserver

import "time"

// The service's documented quotas, from the SQS developer guide and API reference.
const (
	maxMessageSize       = 1 << 20 // bytes of one message, and of all messages of a batch
	minMessageSize       = 1 << 10 // least value of MaximumMessageSize
	maxBatchEntries      = 10
	maxBatchIDLength     = 80
	maxAttributes        = 10  // message attributes of one message
	maxAttributeName     = 256 // characters, also of a data type
	maxQueueName         = 80
	maxGroupID           = 128
	maxTags              = 50
	maxTagKey            = 128
	maxTagValue          = 256
	maxInFlight          = 120_000 // received, not yet deleted, per queue
	maxReceiveCountLimit = 1000
	maxSourceArns        = 10 // of a RedriveAllowPolicy
	maxPermissionActions = 7
	maxMoveRate          = 500 // messages a second of one move task
	maxMoveResults       = 10
	maxListResults       = 1000
	maxReceiveBatch      = 10
	maxWait              = 20      // seconds
	maxVisibility        = 43_200  // seconds, counted from the receive
	maxDelay             = 900     // seconds
	minRetention         = 60      // seconds
	maxRetention         = 1209600 // seconds

	deletedRecently = 60 * time.Second // a deleted queue's name stays reserved
	purgeInterval   = 60 * time.Second // one purge of a queue within it
)

// maxRequest bounds the size of a request: a full batch in which every character is escaped as \u00XX, and the
// fields around it.
const maxRequest = 6*maxMessageSize + 1<<20
