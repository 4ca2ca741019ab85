package resolve

import (
	"strings"
	"sync"
)

// verbs give an operation's change by the first word of its name.
const verbs = `
created  Create Run Allocate Register Import Copy Request Launch Provision Restore Purchase Upload Clone
deleted  Delete Terminate Release Deregister Destroy Deprovision
updated  Put Update Modify Attach Detach Associate Disassociate Tag Untag Start Stop Reboot Enable Disable Set Add Remove
updated  Change Authorize Revoke Reset Replace Rotate Cancel Accept Reject Schedule Suspend Resume Assign Unassign Apply Move
updated  Merge Promote Failover Upgrade Activate Deactivate Subscribe Unsubscribe Grant Lock Unlock Increase Decrease
updated  Configure Execute Switch Swap Leave Invite Deploy Publish Monitor Unmonitor Share Unshare Undeploy Purge Transfer
updated  Complete Abort Install Link Unlink Retire Resize Extend Enter Exit Close Convert Refresh Submit Advertise Withdraw
updated  Restart Flush
`

// exceptions override the verbs: "service operation... change". "*" stands for every service;
// after an operation it matches those that begin so, and "*X*" those that contain X. Calls on a
// service's data plane change no inventory resource. After the change may follow "on=member", the
// member that names the resource acted on.
const exceptions = `
sts                *                                                                         none
signin             *                                                                         none
sso                *                                                                         none
cognito-identity   *                                                                         none
execute-api        *                                                                         none
tagging-read       *                                                                         none
s3                 PutObject CopyObject CompleteMultipartUpload                              created
s3                 CreateMultipartUpload AbortMultipartUpload CreateSession UploadPart UploadPartCopy  none
s3                 DeleteObjects                                                             none
ssm                StartSession ResumeSession TerminateSession PutInventory PutComplianceItems CancelCommand  none
ssm                UpdateInstanceInformation UpdateInstanceAssociationStatus                 none
ssm                StartAutomationExecution StopAutomationExecution                          none
dynamodb           PutItem UpdateItem DeleteItem ExecuteStatement ExecuteTransaction         none
dynamodb           Batch* Transact*                                                          none
states             StartExecution                                                            created
states             StartSyncExecution                                                        none
ecr                PutImage                                                                  created
ecr                *Layer*                                                                   none
logs               PutLogEvents StartQuery StopQuery StartLiveTail                           none
cloudtrail         StartQuery CancelQuery PutAuditEvents                                     none
iam                Generate* Simulate*                                                       none
ec2                CreateTags DeleteTags                                                     updated
rds                CreateDBInstanceReadReplica                                               created
rds                StartExportTask                                                           updated on=sourcearn
*                  PutRecord PutRecords PutRecordBatch PutMetricData PutEvents PutEvaluations  none
*                  PutTraceSegments PutTelemetryRecords StartQueryExecution StopQueryExecution  none
*                  Publish PublishBatch DeleteMessage DeleteMessageBatch                     none
*                  ChangeMessageVisibility ChangeMessageVisibilityBatch                      none
*                  RegisterContainerInstance SubmitTaskStateChange SubmitContainerStateChange  none
*                  SubmitAttachmentStateChanges RequestSmsCode StartConversation CompleteLifecycleAction  none
`

// exception is one pattern of a line of exceptions.
type exception struct {
	pattern string
	change  Change
	actsOn  string
}

// words are the parsed tables.
type words struct {
	verbs      map[string]Change
	exceptions map[string][]exception // by service
}

var operationWords = sync.OnceValue(func() words {
	w := words{verbs: map[string]Change{}, exceptions: map[string][]exception{}}
	changes := map[string]Change{"none": None, "created": Created, "updated": Updated, "deleted": Deleted}
	for line := range strings.Lines(verbs) {
		if f := strings.Fields(line); len(f) > 1 {
			for _, verb := range f[1:] {
				w.verbs[verb] = changes[f[0]]
			}
		}
	}
	for line := range strings.Lines(exceptions) {
		f := strings.Fields(line)
		if len(f) < 3 {
			continue
		}
		last, actsOn := len(f)-1, ""
		if member, found := strings.CutPrefix(f[last], "on="); found {
			last, actsOn = last-1, member
		}
		for _, pattern := range f[1:last] {
			w.exceptions[f[0]] = append(w.exceptions[f[0]], exception{pattern, changes[f[last]], actsOn})
		}
	}
	return w
})

// exception returns the first one that matches: of the service, then of every service.
func (w words) exception(service, operation string) (exception, bool) {
	for _, of := range [...]string{service, "*"} {
		for _, x := range w.exceptions[of] {
			if x.fits(operation) {
				return x, true
			}
		}
	}
	return exception{}, false
}

func (x exception) fits(operation string) bool {
	begin, open := strings.CutSuffix(x.pattern, "*")
	inside, held := strings.CutPrefix(begin, "*")
	switch {
	case open && held:
		return strings.Contains(operation, inside)
	case open:
		return strings.HasPrefix(operation, begin)
	}
	return operation == x.pattern
}
