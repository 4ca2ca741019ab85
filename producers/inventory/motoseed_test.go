package inventory_test

import (
	"archive/zip"
	"bytes"
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	ekstypes "github.com/aws/aws-sdk-go-v2/service/eks/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/redshift"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

const assumeRole = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`

// seeder creates one resource of each kind, all of the customer "acme".
type seeder struct {
	t   *testing.T
	cfg aws.Config
	vpc string
	// subnets are two subnets in different zones.
	subnets []string
	role    string
}

func seed[In, Out, O any](s *seeder, do func(context.Context, *In, ...func(*O)) (*Out, error), in *In) *Out {
	s.t.Helper()
	out, err := do(s.t.Context(), in)
	if err != nil {
		s.t.Fatalf("seeding: %v", err)
	}
	return out
}

func (s *seeder) all() {
	e := ec2.NewFromConfig(s.cfg)
	s.vpc = *seed(s, e.DescribeVpcs, &ec2.DescribeVpcsInput{}).Vpcs[0].VpcId
	for _, subnet := range seed(s, e.DescribeSubnets, &ec2.DescribeSubnetsInput{Filters: []ec2types.Filter{{Name: aws.String("vpc-id"), Values: []string{s.vpc}}}}).Subnets {
		s.subnets = append(s.subnets, *subnet.SubnetId)
	}
	seed(s, e.CreateTags, &ec2.CreateTagsInput{Resources: []string{s.vpc}, Tags: []ec2types.Tag{{Key: aws.String("marqo:customer"), Value: aws.String("vpc-customer")}}})
	i := iam.NewFromConfig(s.cfg)
	s.role = *seed(s, i.CreateRole, &iam.CreateRoleInput{
		RoleName: aws.String("app"), Path: aws.String("/service/"), AssumeRolePolicyDocument: aws.String(assumeRole), Tags: []iamtypes.Tag{{Key: aws.String("customer"), Value: aws.String("acme")}},
	}).Role.Arn
	seed(s, i.CreateUser, &iam.CreateUserInput{UserName: aws.String("jo"), Tags: []iamtypes.Tag{{Key: aws.String("customer"), Value: aws.String("acme")}}})
	seed(s, i.CreateInstanceProfile, &iam.CreateInstanceProfileInput{InstanceProfileName: aws.String("app")})
	seed(s, i.AddRoleToInstanceProfile, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: aws.String("app"), RoleName: aws.String("app")})
	s.storage()
	s.compute()
	s.network()
	s.messages()
}

func (s *seeder) storage() {
	b := s3.NewFromConfig(s.cfg)
	seed(s, b.CreateBucket, &s3.CreateBucketInput{Bucket: aws.String("acme-data"), CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: "eu-west-1"}})
	seed(s, b.PutBucketTagging, &s3.PutBucketTaggingInput{Bucket: aws.String("acme-data"), Tagging: &s3types.Tagging{TagSet: []s3types.Tag{{Key: aws.String("customer"), Value: aws.String("acme")}}}})
	central := s3.NewFromConfig(s.cfg, func(o *s3.Options) { o.Region = "eu-central-1" })
	seed(s, central.CreateBucket, &s3.CreateBucketInput{Bucket: aws.String("untagged"), CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: "eu-central-1"}})
	seed(s, dynamodb.NewFromConfig(s.cfg).CreateTable, &dynamodb.CreateTableInput{
		TableName: aws.String("orders"), BillingMode: ddbtypes.BillingModePayPerRequest,
		AttributeDefinitions: []ddbtypes.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: "S"}}, KeySchema: []ddbtypes.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: "HASH"}},
		Tags: []ddbtypes.Tag{{Key: aws.String("customer"), Value: aws.String("acme")}},
	})
	r := rds.NewFromConfig(s.cfg)
	seed(s, r.CreateDBCluster, &rds.CreateDBClusterInput{
		DBClusterIdentifier: aws.String("books"), Engine: aws.String("aurora-postgresql"), MasterUsername: aws.String("boss"), MasterUserPassword: aws.String("hunter2hunter2"),
		Tags: []rdstypes.Tag{{Key: aws.String("customer"), Value: aws.String("acme")}},
	})
	seed(s, r.CreateDBInstance, &rds.CreateDBInstanceInput{
		DBInstanceIdentifier: aws.String("books-1"), DBClusterIdentifier: aws.String("books"), Engine: aws.String("aurora-postgresql"), DBInstanceClass: aws.String("db.t3.medium"),
		MasterUserPassword: aws.String("hunter2hunter2"),
	})
	seed(s, elasticache.NewFromConfig(s.cfg).CreateCacheCluster, &elasticache.CreateCacheClusterInput{CacheClusterId: aws.String("cache"), Engine: aws.String("redis"), CacheNodeType: aws.String("cache.t3.micro"), NumCacheNodes: aws.Int32(1)})
	seed(s, redshift.NewFromConfig(s.cfg).CreateCluster, &redshift.CreateClusterInput{ClusterIdentifier: aws.String("warehouse"), NodeType: aws.String("ra3.xlplus"), MasterUsername: aws.String("boss"), MasterUserPassword: aws.String("Hunter2hunter2")})
	seed(s, efs.NewFromConfig(s.cfg).CreateFileSystem, &efs.CreateFileSystemInput{CreationToken: aws.String("x"), Encrypted: aws.Bool(true)})
	seed(s, ecr.NewFromConfig(s.cfg).CreateRepository, &ecr.CreateRepositoryInput{RepositoryName: aws.String("team/app")})
}

func (s *seeder) compute() {
	var code bytes.Buffer
	w := zip.NewWriter(&code)
	if _, err := w.Create("main.py"); err != nil {
		s.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		s.t.Fatal(err)
	}
	seed(s, lambda.NewFromConfig(s.cfg).CreateFunction, &lambda.CreateFunctionInput{
		FunctionName: aws.String("resize"), Role: aws.String(s.role), Runtime: lambdatypes.RuntimePython312, Handler: aws.String("main.go"), Code: &lambdatypes.FunctionCode{ZipFile: code.Bytes()},
		Environment: &lambdatypes.Environment{Variables: map[string]string{"API_KEY": "hunter2"}}, Tags: map[string]string{"customer": "acme"},
	})
	k := eks.NewFromConfig(s.cfg)
	seed(s, k.CreateCluster, &eks.CreateClusterInput{Name: aws.String("prod"), RoleArn: aws.String(s.role), ResourcesVpcConfig: &ekstypes.VpcConfigRequest{SubnetIds: s.subnets[:2]}, Tags: map[string]string{"customer": "acme"}})
	seed(s, k.CreateNodegroup, &eks.CreateNodegroupInput{ClusterName: aws.String("prod"), NodegroupName: aws.String("workers"), NodeRole: aws.String(s.role), Subnets: s.subnets[:2]})
	c := ecs.NewFromConfig(s.cfg)
	seed(s, c.CreateCluster, &ecs.CreateClusterInput{ClusterName: aws.String("web"), Tags: []ecstypes.Tag{{Key: aws.String("customer"), Value: aws.String("acme")}}})
	seed(s, c.RegisterTaskDefinition, &ecs.RegisterTaskDefinitionInput{Family: aws.String("shop"), ContainerDefinitions: []ecstypes.ContainerDefinition{{Name: aws.String("shop"), Image: aws.String("shop:1"), Memory: aws.Int32(128)}}})
	seed(s, c.CreateService, &ecs.CreateServiceInput{Cluster: aws.String("web"), ServiceName: aws.String("shop"), TaskDefinition: aws.String("shop:1"), DesiredCount: aws.Int32(1)})
	a := autoscaling.NewFromConfig(s.cfg)
	seed(s, a.CreateLaunchConfiguration, &autoscaling.CreateLaunchConfigurationInput{LaunchConfigurationName: aws.String("plain"), ImageId: aws.String("ami-12c6146b"), InstanceType: aws.String("t3.micro"), UserData: aws.String("aHVudGVyMg==")})
	seed(s, a.CreateAutoScalingGroup, &autoscaling.CreateAutoScalingGroupInput{
		AutoScalingGroupName: aws.String("fleet"), LaunchConfigurationName: aws.String("plain"), MinSize: aws.Int32(1), MaxSize: aws.Int32(1), VPCZoneIdentifier: aws.String(s.subnets[0] + "," + s.subnets[1]),
		Tags: []astypes.Tag{{Key: aws.String("customer"), Value: aws.String("acme"), PropagateAtLaunch: aws.Bool(false)}},
	})
}

func (s *seeder) network() {
	l := elb.NewFromConfig(s.cfg)
	seed(s, l.CreateLoadBalancer, &elb.CreateLoadBalancerInput{Name: aws.String("front"), Subnets: s.subnets[:2], Tags: []elbtypes.Tag{{Key: aws.String("customer"), Value: aws.String("acme")}}})
	group := *seed(s, l.CreateTargetGroup, &elb.CreateTargetGroupInput{Name: aws.String("front"), Protocol: elbtypes.ProtocolEnumHttp, Port: aws.Int32(80), VpcId: aws.String(s.vpc)}).TargetGroups[0].TargetGroupArn
	instance := *seed(s, ec2.NewFromConfig(s.cfg).RunInstances, &ec2.RunInstancesInput{ImageId: aws.String("ami-12c6146b"), MinCount: aws.Int32(1), MaxCount: aws.Int32(1)}).Instances[0].InstanceId
	seed(s, l.RegisterTargets, &elb.RegisterTargetsInput{TargetGroupArn: aws.String(group), Targets: []elbtypes.TargetDescription{{Id: aws.String(instance)}}})
	seed(s, route53.NewFromConfig(s.cfg).CreateHostedZone, &route53.CreateHostedZoneInput{Name: aws.String("example.com"), CallerReference: aws.String("1")})
	seed(s, acm.NewFromConfig(s.cfg).RequestCertificate, &acm.RequestCertificateInput{DomainName: aws.String("example.com")})
}

func (s *seeder) messages() {
	seed(s, sqs.NewFromConfig(s.cfg).CreateQueue, &sqs.CreateQueueInput{QueueName: aws.String("jobs"), Tags: map[string]string{"customer": "acme"}})
	seed(s, sns.NewFromConfig(s.cfg).CreateTopic, &sns.CreateTopicInput{Name: aws.String("alerts"), Tags: []snstypes.Tag{{Key: aws.String("customer"), Value: aws.String("acme")}}})
	seed(s, logs.NewFromConfig(s.cfg).CreateLogGroup, &logs.CreateLogGroupInput{LogGroupName: aws.String("/app/web"), Tags: map[string]string{"customer": "acme"}})
	seed(s, secretsmanager.NewFromConfig(s.cfg).CreateSecret, &secretsmanager.CreateSecretInput{Name: aws.String("db"), SecretString: aws.String("hunter2")})
	k := kms.NewFromConfig(s.cfg)
	key := *seed(s, k.CreateKey, &kms.CreateKeyInput{Description: aws.String("data")}).KeyMetadata.KeyId
	seed(s, k.CreateAlias, &kms.CreateAliasInput{AliasName: aws.String("alias/data"), TargetKeyId: aws.String(key)})
}
