package cloudtrail

import "strings"

// rule builds an ARN from a name or id at a key of a service's requests and
// responses.
type rule struct {
	// noun, unless empty, must be part of the operation's noun; "=x" must be all
	// of it.
	noun string
	// arn is the ARN's text after "arn:<partition>:", with {v} for the value, {r}
	// the region, {a} the account and {other} for the value at another key. Empty
	// where a resource has an ARN that its id alone does not give.
	arn string
	// typ names the resource where arn is empty: "autoscaling:autoScalingGroup".
	typ string
	// shape says how the value must be read.
	shape shape
}

// shape is a service's own way of writing an id.
type shape uint8

const (
	shapePlain   shape = iota
	shapePath          // a leading "/" is not part of the ARN
	shapeLambda        // a name, "name:qualifier" or "account:function:name"
	shapeKMS           // a key id or "alias/name"
	shapeQueue         // https://sqs.<region>.amazonaws.com/<account>/<name>
	shapeTail          // the part after the last "/"
	shapePartial       // AWS takes it for a key, but the ARN lacks a random suffix
)

// rules are written as
//
//	service key[@noun] shape arn
//
// where "-service:type" stands for an ARN that the id alone does not give. Within a
// service the earlier line wins for the same key. Sources: each service's resource types in the AWS
// Service Authorization Reference.
const rules = `
iam rolename . iam::{a}:role/{v}
iam username . iam::{a}:user/{v}
iam groupname . iam::{a}:group/{v}
iam instanceprofilename . iam::{a}:instance-profile/{v}
iam policyname@=policy . iam::{a}:policy/{v}
iam servercertificatename . iam::{a}:server-certificate/{v}
iam virtualmfadevicename . iam::{a}:mfa/{v}
iam name@samlprovider . iam::{a}:saml-provider/{v}
iam servicename@servicelinkedrole . -iam:role
s3 bucketname . s3:::{v}
s3 bucket . s3:::{v}
s3 key . s3:::{bucketname}/{v}
s3 name@accesspoint . s3:{r}:{a}:accesspoint/{v}
s3express bucketname . s3express:{r}:{a}:bucket/{v}
lambda functionname lambda lambda:{r}:{a}:function:{v}
lambda layername . lambda:{r}:{a}:layer:{v}
lambda uuid@eventsourcemapping . lambda:{r}:{a}:event-source-mapping:{v}
ssm name@parameter path ssm:{r}:{a}:parameter/{v}
ssm names@parameter path ssm:{r}:{a}:parameter/{v}
ssm path@parameter path ssm:{r}:{a}:parameter/{v}
ssm name@document . ssm:{r}:{a}:document/{v}
ssm documentname . ssm:{r}:{a}:document/{v}
ssm resourceid path ssm:{r}:{a}:parameter/{v}
ssm windowid . ssm:{r}:{a}:maintenancewindow/{v}
ssm baselineid . ssm:{r}:{a}:patchbaseline/{v}
ssm associationid . ssm:{r}:{a}:association/{v}
ssm automationexecutionid . ssm:{r}:{a}:automation-execution/{v}
ssm sessionid . ssm:{r}:{a}:session/{v}
ssm opsitemid . ssm:{r}:{a}:opsitem/{v}
secretsmanager secretid partial secretsmanager:{r}:{a}:secret:{v}
secretsmanager name@=secret partial secretsmanager:{r}:{a}:secret:{v}
kms keyid kms kms:{r}:{a}:{v}
kms targetkeyid kms kms:{r}:{a}:{v}
kms aliasname kms kms:{r}:{a}:{v}
dynamodb tablename . dynamodb:{r}:{a}:table/{v}
dynamodb globaltablename . dynamodb::{a}:global-table/{v}
dynamodb indexname . dynamodb:{r}:{a}:table/{tablename}/index/{v}
dax clustername . dax:{r}:{a}:cache/{v}
sqs queueurl queue sqs:{v}
sqs queuename . sqs:{r}:{a}:{v}
sns name@topic . sns:{r}:{a}:{v}
logs loggroupname . logs:{r}:{a}:log-group:{v}
logs logstreamname . logs:{r}:{a}:log-group:{loggroupname}:log-stream:{v}
logs loggroupidentifier . logs:{r}:{a}:log-group:{v}
logs destinationname . logs:{r}:{a}:destination:{v}
cloudformation stackname . -cloudformation:stack
cloudformation stacksetname . -cloudformation:stackset
rds dbinstanceidentifier . rds:{r}:{a}:db:{v}
rds dbclusteridentifier . rds:{r}:{a}:cluster:{v}
rds dbsnapshotidentifier . rds:{r}:{a}:snapshot:{v}
rds dbclustersnapshotidentifier . rds:{r}:{a}:cluster-snapshot:{v}
rds targetdbsnapshotidentifier . rds:{r}:{a}:snapshot:{v}
rds sourcedbsnapshotidentifier . rds:{r}:{a}:snapshot:{v}
rds sourcedbinstanceidentifier . rds:{r}:{a}:db:{v}
rds dbsubnetgroupname . rds:{r}:{a}:subgrp:{v}
rds dbparametergroupname . rds:{r}:{a}:pg:{v}
rds dbclusterparametergroupname . rds:{r}:{a}:cluster-pg:{v}
rds optiongroupname . rds:{r}:{a}:og:{v}
rds subscriptionname . rds:{r}:{a}:es:{v}
rds dbsecuritygroupname . rds:{r}:{a}:secgrp:{v}
rds dbproxyname . -rds:db-proxy
rds globalclusteridentifier . rds::{a}:global-cluster:{v}
elasticloadbalancing loadbalancername . elasticloadbalancing:{r}:{a}:loadbalancer/{v}
elasticloadbalancing loadbalancernames . elasticloadbalancing:{r}:{a}:loadbalancer/{v}
elasticloadbalancing name@targetgroup . -elasticloadbalancing:targetgroup
elasticloadbalancing name@loadbalancer . -elasticloadbalancing:loadbalancer
eks nodegroupname . -eks:nodegroup
eks fargateprofilename . -eks:fargateprofile
eks addonname . -eks:addon
eks clustername . eks:{r}:{a}:cluster/{v}
eks name@cluster . eks:{r}:{a}:cluster/{v}
ecs cluster tail ecs:{r}:{a}:cluster/{v}
ecs clustername . ecs:{r}:{a}:cluster/{v}
ecs clusters tail ecs:{r}:{a}:cluster/{v}
ecs service tail ecs:{r}:{a}:service/{cluster}/{v}
ecs servicename . ecs:{r}:{a}:service/{cluster}/{v}
ecs services tail ecs:{r}:{a}:service/{cluster}/{v}
ecs task tail ecs:{r}:{a}:task/{cluster}/{v}
ecs tasks tail ecs:{r}:{a}:task/{cluster}/{v}
ecs taskdefinition . ecs:{r}:{a}:task-definition/{v}
ecs capacityprovider . ecs:{r}:{a}:capacity-provider/{v}
cloudtrail name . cloudtrail:{r}:{a}:trail/{v}
cloudtrail trailname . cloudtrail:{r}:{a}:trail/{v}
cloudtrail trailnamelist . cloudtrail:{r}:{a}:trail/{v}
cloudtrail eventdatastore tail cloudtrail:{r}:{a}:eventdatastore/{v}
kinesis streamname . kinesis:{r}:{a}:stream/{v}
firehose deliverystreamname . firehose:{r}:{a}:deliverystream/{v}
kinesisanalytics applicationname . kinesisanalytics:{r}:{a}:application/{v}
states name@statemachine . states:{r}:{a}:stateMachine:{v}
states name@activity . states:{r}:{a}:activity:{v}
ecr repositoryname . ecr:{r}:{a}:repository/{v}
ecr repositorynames . ecr:{r}:{a}:repository/{v}
ecr-public repositoryname . ecr-public::{a}:repository/{v}
route53 hostedzoneid tail route53:::hostedzone/{v}
route53 id@hostedzone tail route53:::hostedzone/{v}
route53 healthcheckid . route53:::healthcheck/{v}
route53 delegationsetid tail route53:::delegationset/{v}
route53 domainname . route53domains:::domain/{v}
cloudfront id@distribution . cloudfront::{a}:distribution/{v}
cloudfront distributionid . cloudfront::{a}:distribution/{v}
cloudfront id@originaccessidentity . cloudfront::{a}:origin-access-identity/{v}
cloudfront id@originaccesscontrol . cloudfront::{a}:origin-access-control/{v}
cloudfront id@cachepolicy . cloudfront::{a}:cache-policy/{v}
cloudfront name@function . cloudfront::{a}:function/{v}
apigateway stagename@stage . apigateway:{r}::/restapis/{restapiid}/stages/{v}
apigateway stagename@stage . apigateway:{r}::/apis/{apiid}/stages/{v}
apigateway resourceid . apigateway:{r}::/restapis/{restapiid}/resources/{v}
apigateway deploymentid@=deployment . apigateway:{r}::/restapis/{restapiid}/deployments/{v}
apigateway authorizerid@authorizer . apigateway:{r}::/restapis/{restapiid}/authorizers/{v}
apigateway restapiid . apigateway:{r}::/restapis/{v}
apigateway id@restapi . apigateway:{r}::/restapis/{v}
apigateway apiid . apigateway:{r}::/apis/{v}
apigateway usageplanid . apigateway:{r}::/usageplans/{v}
apigateway id@=usageplan . apigateway:{r}::/usageplans/{v}
apigateway apikey@apikey . apigateway:{r}::/apikeys/{v}
apigateway domainname . apigateway:{r}::/domainnames/{v}
apigateway vpclinkid . apigateway:{r}::/vpclinks/{v}
elasticache cacheclusterid . elasticache:{r}:{a}:cluster:{v}
elasticache replicationgroupid . elasticache:{r}:{a}:replicationgroup:{v}
elasticache cachesubnetgroupname . elasticache:{r}:{a}:subnetgroup:{v}
elasticache cacheparametergroupname . elasticache:{r}:{a}:parametergroup:{v}
elasticache snapshotname . elasticache:{r}:{a}:snapshot:{v}
elasticache userid . elasticache:{r}:{a}:user:{v}
redshift clusteridentifier . redshift:{r}:{a}:cluster:{v}
redshift clustersubnetgroupname . redshift:{r}:{a}:subnetgroup:{v}
redshift parametergroupname . redshift:{r}:{a}:parametergroup:{v}
redshift snapshotidentifier . redshift:{r}:{a}:snapshot:{clusteridentifier}/{v}
elasticfilesystem filesystemid . elasticfilesystem:{r}:{a}:file-system/{v}
elasticfilesystem accesspointid . elasticfilesystem:{r}:{a}:access-point/{v}
elasticfilesystem mounttargetid . -elasticfilesystem:mount-target
fsx filesystemid . fsx:{r}:{a}:file-system/{v}
appmesh virtualnodename . appmesh:{r}:{a}:mesh/{meshname}/virtualNode/{v}
appmesh virtualgatewayname . appmesh:{r}:{a}:mesh/{meshname}/virtualGateway/{v}
appmesh virtualroutername . appmesh:{r}:{a}:mesh/{meshname}/virtualRouter/{v}
appmesh virtualservicename . appmesh:{r}:{a}:mesh/{meshname}/virtualService/{v}
appmesh routename . appmesh:{r}:{a}:mesh/{meshname}/virtualRouter/{virtualroutername}/route/{v}
appmesh meshname . appmesh:{r}:{a}:mesh/{v}
autoscaling autoscalinggroupname . -autoscaling:autoScalingGroup
autoscaling autoscalinggroupnames . -autoscaling:autoScalingGroup
autoscaling launchconfigurationname . -autoscaling:launchConfiguration
organizations accountid . -organizations:account
organizations targetid . -organizations:account
organizations policyid . -organizations:policy
cognito-idp userpoolid . cognito-idp:{r}:{a}:userpool/{v}
cognito-identity identitypoolid . cognito-identity:{r}:{a}:identitypool/{v}
glue name@crawler . glue:{r}:{a}:crawler/{v}
glue crawlername . glue:{r}:{a}:crawler/{v}
glue jobname . glue:{r}:{a}:job/{v}
glue name@=job . glue:{r}:{a}:job/{v}
glue name@trigger . glue:{r}:{a}:trigger/{v}
glue name@=database . glue:{r}:{a}:database/{v}
glue tablename . glue:{r}:{a}:table/{databasename}/{v}
glue databasename . glue:{r}:{a}:database/{v}
glue policyhash@resourcepolicy . glue:{r}:{a}:catalog
glue policyhashcondition@resourcepolicy . glue:{r}:{a}:catalog
glue policyinjson@resourcepolicy . glue:{r}:{a}:catalog
athena workgroup . athena:{r}:{a}:workgroup/{v}
athena name@workgroup . athena:{r}:{a}:workgroup/{v}
athena name@datacatalog . athena:{r}:{a}:datacatalog/{v}
events rule . events:{r}:{a}:rule/{v}
events name@rule . events:{r}:{a}:rule/{v}
events name@eventbus . events:{r}:{a}:event-bus/{v}
events eventbusname . events:{r}:{a}:event-bus/{v}
scheduler name@schedule . scheduler:{r}:{a}:schedule/default/{v}
cloudwatch alarmname . cloudwatch:{r}:{a}:alarm:{v}
cloudwatch alarmnames . cloudwatch:{r}:{a}:alarm:{v}
cloudwatch dashboardname . cloudwatch::{a}:dashboard/{v}
cloudwatch dashboardnames . cloudwatch::{a}:dashboard/{v}
config configrulename . -config:config-rule
config configurationrecordername . -config:configuration-recorder
config name@configurationrecorder . -config:configuration-recorder
backup backupvaultname . backup:{r}:{a}:backup-vault:{v}
backup backupplanid . backup:{r}:{a}:backup-plan:{v}
batch jobqueuename . batch:{r}:{a}:job-queue/{v}
batch computeenvironmentname . batch:{r}:{a}:compute-environment/{v}
codebuild projectname . codebuild:{r}:{a}:project/{v}
codebuild name@project . codebuild:{r}:{a}:project/{v}
codepipeline name@pipeline . codepipeline:{r}:{a}:{v}
codepipeline pipelinename . codepipeline:{r}:{a}:{v}
codecommit repositoryname . codecommit:{r}:{a}:{v}
codedeploy applicationname . codedeploy:{r}:{a}:application:{v}
codedeploy deploymentgroupname . codedeploy:{r}:{a}:deploymentgroup:{applicationname}/{v}
guardduty detectorid . guardduty:{r}:{a}:detector/{v}
sagemaker endpointname . sagemaker:{r}:{a}:endpoint/{v}
sagemaker endpointconfigname . sagemaker:{r}:{a}:endpoint-config/{v}
sagemaker modelname . sagemaker:{r}:{a}:model/{v}
sagemaker notebookinstancename . sagemaker:{r}:{a}:notebook-instance/{v}
sagemaker trainingjobname . sagemaker:{r}:{a}:training-job/{v}
elasticmapreduce jobflowid . elasticmapreduce:{r}:{a}:cluster/{v}
elasticmapreduce clusterid . elasticmapreduce:{r}:{a}:cluster/{v}
es domainname . es:{r}:{a}:domain/{v}
aoss name@collection . -aoss:collection
ses identity . ses:{r}:{a}:identity/{v}
ses emailidentity . ses:{r}:{a}:identity/{v}
ses configurationsetname . ses:{r}:{a}:configuration-set/{v}
elasticbeanstalk applicationname . elasticbeanstalk:{r}:{a}:application/{v}
elasticbeanstalk environmentname . -elasticbeanstalk:environment
dms replicationinstanceidentifier . -dms:rep
transfer serverid . transfer:{r}:{a}:server/{v}
lightsail instancename . -lightsail:Instance
servicediscovery id@namespace . servicediscovery:{r}:{a}:namespace/{v}
wafv2 name@webacl . -wafv2:webacl
inspector2 filterarn . -inspector2:filter
ec2 keyname . ec2:{r}:{a}:key-pair/{v}
ec2 placementgroupname . ec2:{r}:{a}:placement-group/{v}
ec2 groupname@placementgroup . ec2:{r}:{a}:placement-group/{v}
ec2 groupname@securitygroup . -ec2:security-group
ec2 launchtemplatename . -ec2:launch-template
ec2 associationid . -ec2:association
ec2 attachmentid . -ec2:attachment
quicksight dashboardid . quicksight:{r}:{a}:dashboard/{v}
workspaces workspaceid . workspaces:{r}:{a}:workspace/{v}
ds directoryid . ds:{r}:{a}:directory/{v}
amplify appid . amplify:{r}:{a}:apps/{v}
appsync apiid . appsync:{r}:{a}:apis/{v}
airflow name@environment . airflow:{r}:{a}:environment/{v}
synthetics name@canary . synthetics:{r}:{a}:canary:{v}
iot thingname . iot:{r}:{a}:thing/{v}
iot policyname . iot:{r}:{a}:policy/{v}
memorydb clustername . memorydb:{r}:{a}:cluster/{v}
`

// parseRules reads the table into service -> key -> rules.
func parseRules() map[string]map[string][]rule {
	table := make(map[string]map[string][]rule)
	for line := range strings.Lines(rules) {
		f := strings.Fields(line)
		if len(f) != 4 {
			continue
		}
		name, noun, _ := strings.Cut(f[1], "@")
		r := rule{noun: noun, shape: shapeOf(f[2])}
		if typ, found := strings.CutPrefix(f[3], "-"); found {
			r.typ = typ
		} else {
			r.arn = f[3]
		}
		if table[f[0]] == nil {
			table[f[0]] = make(map[string][]rule)
		}
		table[f[0]][name] = append(table[f[0]][name], r)
	}
	return table
}

func shapeOf(s string) shape {
	switch s {
	case "path":
		return shapePath
	case "lambda":
		return shapeLambda
	case "kms":
		return shapeKMS
	case "queue":
		return shapeQueue
	case "tail":
		return shapeTail
	case "partial":
		return shapePartial
	}
	return shapePlain
}

// arnService is the name a service has in ARNs, from its eventSource
// ("monitoring.amazonaws.com" is "cloudwatch").
func arnService(service string) string {
	switch service {
	case "monitoring":
		return "cloudwatch"
	case "email":
		return "ses"
	case "docdb", "neptune", "rds-data":
		return "rds"
	case "opensearch":
		return "es"
	case "catalog":
		return "servicecatalog"
	case "execute-api":
		return "apigateway"
	case "s3-outposts", "s3-object-lambda":
		return "s3"
	}
	return service
}
