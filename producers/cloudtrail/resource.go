package cloudtrail

import (
	"strings"

	"polo/envelope"
)

// AccountARN is the key of an AWS account: its root, the one ARN every account
// has. It is the last ancestor of a resource.
func AccountARN(partition, accountID string) string {
	return "arn:" + partition + ":iam::" + accountID + ":root"
}

// Resource is what an ARN tells of a resource. Every AWS collector takes the
// columns of its events from here, so that they agree.
type Resource struct {
	// Type is the ARN's ResourceType: "ec2:instance", "s3:bucket".
	Type string
	// ID is the ARN's resource without its type: "i-0abc", "my-bucket/key".
	ID string
	// Name is what people call it: a role without its path, a load balancer
	// without its random suffix.
	Name string
}

// DescribeARN takes an ARN's resource apart.
func DescribeARN(a envelope.ARN) Resource {
	typ, id := a.SplitResource()
	if a.Service == "logs" {
		id = strings.TrimSuffix(id, ":*")
	}
	return Resource{Type: a.ResourceType(), ID: id, Name: nameOf(a.Service, typ, id)}
}

func nameOf(service, typ, id string) string {
	switch service {
	case "s3":
		if typ == "object" {
			_, key, _ := strings.Cut(id, "/")
			return key
		}
		return id
	case "ssm":
		if typ == "parameter" && strings.Contains(id, "/") {
			return "/" + id
		}
		return id
	case "secretsmanager":
		if dash := strings.LastIndexByte(id, '-'); dash > 0 && len(id)-dash == 7 {
			return id[:dash]
		}
		return id
	case "ecr", "logs", "events":
		return id
	case "lambda":
		name, _, _ := strings.Cut(id, ":")
		return name
	case "elasticloadbalancing":
		for _, kind := range [...]string{"app/", "net/", "gwy/"} {
			id = strings.TrimPrefix(id, kind)
		}
		name, _, _ := strings.Cut(id, "/")
		return name
	case "cloudformation", "eks":
		if typ == "nodegroup" || typ == "fargateprofile" || typ == "addon" {
			_, id, _ = strings.Cut(id, "/")
		}
		name, _, _ := strings.Cut(id, "/")
		return name
	}
	return id[strings.LastIndexAny(id, "/:")+1:]
}

// ancestorsOf lists what an ARN itself tells of its resource's parents, nearest
// first: the bucket of an object, the cluster of a service. It ends before the
// account.
func ancestorsOf(a envelope.ARN) []string {
	with := func(resource string) string {
		p := a
		p.Resource = resource
		return p.String()
	}
	switch a.Service {
	case "s3":
		if name, _, found := strings.Cut(a.Resource, "/"); found && a.Region == "" {
			return []string{with(name)}
		}
	case "lambda":
		if f := strings.Split(a.Resource, ":"); len(f) == 3 {
			return []string{with(f[0] + ":" + f[1])}
		}
	case "logs":
		if i := strings.Index(a.Resource, ":log-stream:"); i > 0 {
			return []string{with(a.Resource[:i])}
		}
	}
	switch a.Service {
	case "appmesh", "apigateway", "ecs", "eks", "dynamodb", "elasticloadbalancing", "glue":
		return ancestorsByPath(a, with)
	}
	return nil
}

// ancestorsByPath reads the ARNs that are paths.
func ancestorsByPath(a envelope.ARN, with func(resource string) string) []string {
	parts := strings.Split(a.Resource, "/")
	typ := parts[0]
	switch a.Service {
	case "appmesh":
		var up []string
		for n := len(parts) - 2; n >= 2; n -= 2 {
			up = append(up, with(strings.Join(parts[:n], "/")))
		}
		return up
	case "apigateway":
		var up []string
		for n := len(parts) - 2; n >= 3; n -= 2 {
			up = append(up, with(strings.Join(parts[:n], "/")))
		}
		return up
	case "ecs":
		if len(parts) == 3 && (typ == "service" || typ == "task" || typ == "container-instance") {
			return []string{with("cluster/" + parts[1])}
		}
	case "eks":
		if len(parts) >= 3 && typ != "cluster" {
			return []string{with("cluster/" + parts[1])}
		}
	case "dynamodb":
		if len(parts) == 4 && typ == "table" {
			return []string{with("table/" + parts[1])}
		}
	case "elasticloadbalancing":
		switch {
		case typ == "listener" && len(parts) == 5:
			return []string{with("loadbalancer/" + strings.Join(parts[1:4], "/"))}
		case typ == "listener-rule" && len(parts) == 6:
			return []string{with("listener/" + strings.Join(parts[1:5], "/")), with("loadbalancer/" + strings.Join(parts[1:4], "/"))}
		}
	case "glue":
		if typ == "table" && len(parts) == 3 {
			return []string{with("database/" + parts[1])}
		}
	}
	return nil
}
