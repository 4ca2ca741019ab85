package inventory

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Limits of ECS, from "Request throttling for the Amazon ECS API": reads of clusters share a
// bucket of 50 requests, refilled by 20 a second; so do those of services, and those of tasks and
// instances, with a bucket of 100. Descriptions take at most 100 names, those of services 10.
const (
	ecsPerSecond = 20
	ecsBurst     = 50
	ecsMoreBurst = 100
	ecsPage      = 100
	ecsServices  = 10
)

func ecsClusterRate() rates  { return perGroup("clusters", ecsPerSecond, ecsBurst) }
func ecsServiceRate() rates  { return perGroup("services", ecsPerSecond, ecsMoreBurst) }
func ecsResourceRate() rates { return perGroup("cluster resources", ecsPerSecond, ecsMoreBurst) }

func ecsService() Service {
	return Service{Name: "ecs", Entries: []Entry{ecsClusters(), ecsServiceEntry(), ecsTasks(), ecsContainerInstances()}}
}

func ecsClusters() Entry {
	return Entry{
		Type: "ecs:cluster",
		List: pages("ListClusters", ecsClusterRate(), ecs.NewFromConfig, func(c *ecs.Client) *ecs.ListClustersPaginator {
			return ecs.NewListClustersPaginator(c, &ecs.ListClustersInput{MaxResults: aws.Int32(ecsPage)})
		}),
		Items: "ClusterArns=ClusterArn",
		Details: []Detail{{
			Call: askMany("DescribeClusters", ecsClusterRate(), ecs.NewFromConfig, (*ecs.Client).DescribeClusters, func(about []item) *ecs.DescribeClustersInput {
				return &ecs.DescribeClustersInput{
					Clusters: gather(about, "ClusterArn"), Include: []types.ClusterField{types.ClusterFieldTags, types.ClusterFieldSettings, types.ClusterFieldConfigurations},
				}
			}),
			At: "Clusters", Batch: ecsPage, Match: "ClusterArn", Whole: true,
		}},
		ARN:   "{ClusterArn}",
		State: "Status",
		// Listed for a while after its end.
		Gone: "INACTIVE",
		Properties: `RegisteredContainerInstancesCount RunningTasksCount PendingTasksCount ActiveServicesCount CapacityProviders
			DefaultCapacityProviderStrategy Settings Configuration`,
		Parent: true,
	}
}

func ecsServiceEntry() Entry {
	return Entry{
		Type: "ecs:service", In: "ecs:cluster",
		List: pagesIn("ListServices", ecsServiceRate(), ecs.NewFromConfig, func(c *ecs.Client, in item) *ecs.ListServicesPaginator {
			return ecs.NewListServicesPaginator(c, &ecs.ListServicesInput{Cluster: in.get("ClusterArn"), MaxResults: aws.Int32(ecsPage)})
		}),
		Items: "ServiceArns=ServiceArn",
		Details: []Detail{{
			Call: askMany("DescribeServices", ecsServiceRate(), ecs.NewFromConfig, (*ecs.Client).DescribeServices, func(about []item) *ecs.DescribeServicesInput {
				return &ecs.DescribeServicesInput{Cluster: about[0].get("^ClusterArn"), Services: gather(about, "ServiceArn"), Include: []types.ServiceField{types.ServiceFieldTags}}
			}),
			At: "Services", Batch: ecsServices, Match: "ServiceArn", Whole: true,
		}},
		ARN:       "{ServiceArn}",
		Name:      "ServiceName",
		State:     "Status",
		Gone:      "INACTIVE",
		Ancestors: "{ClusterArn|^ClusterArn}",
		Relations: `
			launched_from {TaskDefinition}
			uses_role     {RoleArn}
			attached_to   {LoadBalancers.TargetGroupArn}
			attached_to   elasticloadbalancing:loadbalancer{LoadBalancers.LoadBalancerName}
			attached_to   {ServiceRegistries.RegistryArn}
			member_of     ec2:subnet{NetworkConfiguration.AwsvpcConfiguration.Subnets}
			member_of     ec2:security-group{NetworkConfiguration.AwsvpcConfiguration.SecurityGroups}`,
		Properties: `CreatedAt CreatedBy LaunchType CapacityProviderStrategy PlatformVersion DesiredCount RunningCount PendingCount TaskDefinition
			SchedulingStrategy DeploymentController.Type=deployment_controller EnableExecuteCommand PropagateTags HealthCheckGracePeriodSeconds
			NetworkConfiguration`,
		Parent: true,
	}
}

func ecsTasks() Entry {
	return Entry{
		Type: "ecs:task", In: "ecs:cluster",
		List: pagesIn("ListTasks", ecsResourceRate(), ecs.NewFromConfig, func(c *ecs.Client, in item) *ecs.ListTasksPaginator {
			return ecs.NewListTasksPaginator(c, &ecs.ListTasksInput{Cluster: in.get("ClusterArn"), MaxResults: aws.Int32(ecsPage)})
		}),
		Items: "TaskArns=TaskArn",
		Details: []Detail{{
			Call: askMany("DescribeTasks", ecsResourceRate(), ecs.NewFromConfig, (*ecs.Client).DescribeTasks, func(about []item) *ecs.DescribeTasksInput {
				return &ecs.DescribeTasksInput{Cluster: about[0].get("^ClusterArn"), Tasks: gather(about, "TaskArn"), Include: []types.TaskField{types.TaskFieldTags}}
			}),
			At: "Tasks", Batch: ecsPage, Match: "TaskArn", Whole: true,
		}},
		ARN:       "{TaskArn}",
		State:     "LastStatus",
		Gone:      "STOPPED DELETED",
		Ancestors: "{ClusterArn|^ClusterArn}",
		// Overrides may hold environment variables, so they are not read.
		Relations: `
			launched_from {TaskDefinitionArn}
			member_of     {ContainerInstanceArn}
			attached_to   ec2:network-interface{Attachments.Details.Value:interface}
			member_of     ec2:subnet{Attachments.Details.Value:subnet}`,
		Properties: "CreatedAt StartedAt StartedBy Group LaunchType CapacityProviderName AvailabilityZone Cpu Memory DesiredStatus HealthStatus Connectivity TaskDefinitionArn Containers.Image=images",
	}
}

func ecsContainerInstances() Entry {
	return Entry{
		Type: "ecs:container-instance", In: "ecs:cluster",
		List: pagesIn("ListContainerInstances", ecsResourceRate(), ecs.NewFromConfig, func(c *ecs.Client, in item) *ecs.ListContainerInstancesPaginator {
			return ecs.NewListContainerInstancesPaginator(c, &ecs.ListContainerInstancesInput{Cluster: in.get("ClusterArn"), MaxResults: aws.Int32(ecsPage)})
		}),
		Items: "ContainerInstanceArns=ContainerInstanceArn",
		Details: []Detail{{
			Call: askMany("DescribeContainerInstances", ecsResourceRate(), ecs.NewFromConfig, (*ecs.Client).DescribeContainerInstances, func(about []item) *ecs.DescribeContainerInstancesInput {
				return &ecs.DescribeContainerInstancesInput{
					Cluster: about[0].get("^ClusterArn"), ContainerInstances: gather(about, "ContainerInstanceArn"), Include: []types.ContainerInstanceField{types.ContainerInstanceFieldTags},
				}
			}),
			At: "ContainerInstances", Batch: ecsPage, Match: "ContainerInstanceArn", Whole: true,
		}},
		ARN:        "{ContainerInstanceArn}",
		State:      "Status",
		Gone:       "INACTIVE",
		Ancestors:  "{^ClusterArn}",
		Relations:  "attached_to ec2:instance{Ec2InstanceId}",
		Properties: "RegisteredAt AgentConnected VersionInfo.AgentVersion RunningTasksCount PendingTasksCount CapacityProviderName Ec2InstanceId",
	}
}
