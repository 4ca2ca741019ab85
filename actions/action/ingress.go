package action

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// RevokeOpenIngress revokes a security group's permissions that open ports to the world.
type RevokeOpenIngress struct{}

// adminPorts are the ports of the rule sg_open_admin.
const adminPorts = "22,3389,3306,5432,1433,1521,6379,27017,9200,11211,5985,5986,2375,2376"

// Info implements Action.
func (RevokeOpenIngress) Info() Info {
	return Info{
		ID: "revoke_open_ingress", Title: "Revoke ingress from the world", Service: "ec2", Type: "ec2:security-group", Rules: []string{"sg_open_admin"},
		Params: []Param{{Name: "ports", Text: "some of the ports of administration and of databases, with commas between: every permission from the world that opens one of them is revoked; all of them where it is not set"}},
		Undo:   "authorise the same permissions again", UndoExposes: "the ports to the Internet",
	}
}

// Check implements Action.
func (a RevokeOpenIngress) Check(t Target) error {
	_, err := portsOf(t)
	return errors.Join(check(a.Info(), t), err)
}

func portsOf(t Target) ([]int, error) {
	var ports []int
	for text := range strings.SplitSeq(cmp.Or(t.Params["ports"], adminPorts), ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || !slices.Contains(strings.Split(adminPorts, ","), strconv.Itoa(n)) {
			return nil, fmt.Errorf("the parameter ports is not some of %s with commas between", adminPorts)
		}
		ports = append(ports, n)
	}
	return ports, nil
}

// openRange is one range of addresses that a permission opens ports to.
type openRange struct {
	Protocol    string `json:"protocol"`
	From        *int32 `json:"from,omitempty"`
	To          *int32 `json:"to,omitempty"`
	CIDR        string `json:"cidr,omitempty"`
	CIDRv6      string `json:"cidr_v6,omitempty"`
	Description string `json:"description,omitempty"`
}

// isWorld reports whether a range of addresses is the world, or half of it.
func isWorld(cidr string) bool {
	return slices.Contains([]string{"0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/1", "::/1", "8000::/1", "2000::/3"}, cidr)
}

// openRanges returns the ranges of the world that a group opens ports to, in a fixed order.
func openRanges(permissions []types.IpPermission, ports []int) []openRange {
	var open []openRange
	for _, p := range permissions {
		if !opens(p, ports) {
			continue
		}
		r := openRange{Protocol: aws.ToString(p.IpProtocol), From: p.FromPort, To: p.ToPort}
		for _, v4 := range p.IpRanges {
			if isWorld(aws.ToString(v4.CidrIp)) {
				one := r
				one.CIDR, one.Description = aws.ToString(v4.CidrIp), aws.ToString(v4.Description)
				open = append(open, one)
			}
		}
		for _, v6 := range p.Ipv6Ranges {
			if isWorld(aws.ToString(v6.CidrIpv6)) {
				one := r
				one.CIDRv6, one.Description = aws.ToString(v6.CidrIpv6), aws.ToString(v6.Description)
				open = append(open, one)
			}
		}
	}
	slices.SortFunc(open, func(a, b openRange) int { return strings.Compare(a.key(), b.key()) })
	return open
}

func (r openRange) key() string {
	return fmt.Sprintf("%s %05d %05d %s %s", r.Protocol, aws.ToInt32(r.From), aws.ToInt32(r.To), r.CIDR, r.CIDRv6)
}

func opens(p types.IpPermission, ports []int) bool {
	switch aws.ToString(p.IpProtocol) {
	case "-1":
		return true
	case "tcp", "6":
		return p.FromPort == nil || slices.ContainsFunc(ports, func(n int) bool { return int(*p.FromPort) <= n && n <= int(aws.ToInt32(p.ToPort)) })
	}
	return false
}

// Inspect implements Action.
func (RevokeOpenIngress) Inspect(ctx context.Context, r Reader, t Target) (State, error) {
	out, err := r.EC2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{t.ID()}})
	if missing(err, "InvalidGroup.NotFound", "InvalidGroupId.NotFound") {
		return State{}, nil
	} else if err != nil {
		return State{}, err
	}
	ports, err := portsOf(t)
	if err != nil {
		return State{}, err
	}
	for _, g := range out.SecurityGroups {
		if aws.ToString(g.GroupId) != t.ID() {
			continue
		}
		open, err := json.Marshal(openRanges(g.IpPermissions, ports))
		if err != nil {
			return State{}, err
		}
		return State{Exists: true, Tags: ec2Tags(g.Tags), Live: g, Facts: Facts{"open": string(open)}}, nil
	}
	return State{}, nil
}

// Precondition implements Action.
func (RevokeOpenIngress) Precondition(_ Target, s State) error {
	switch {
	case !s.Exists:
		return notApplicable("there is no such security group")
	case s.Facts["open"] == "null" || s.Facts["open"] == "":
		return notApplicable("it opens none of the ports to the world")
	}
	return nil
}

// permissions returns the permissions of the facts, as the API takes them.
func permissions(before Facts) []types.IpPermission {
	var open []openRange
	if json.Unmarshal([]byte(before["open"]), &open) != nil {
		return nil // Inspect wrote it
	}
	out := make([]types.IpPermission, 0, len(open))
	for _, r := range open {
		p := types.IpPermission{IpProtocol: aws.String(r.Protocol), FromPort: r.From, ToPort: r.To}
		var description *string
		if r.Description != "" {
			description = aws.String(r.Description)
		}
		if r.CIDR != "" {
			p.IpRanges = []types.IpRange{{CidrIp: aws.String(r.CIDR), Description: description}}
		} else {
			p.Ipv6Ranges = []types.Ipv6Range{{CidrIpv6: aws.String(r.CIDRv6), Description: description}}
		}
		out = append(out, p)
	}
	return out
}

// Steps implements Action.
func (RevokeOpenIngress) Steps(t Target, before Facts) []Step {
	in := &ec2.RevokeSecurityGroupIngressInput{GroupId: aws.String(t.ID()), IpPermissions: permissions(before)}
	return []Step{{
		Service: "ec2", Operation: "RevokeSecurityGroupIngress", Input: in, Grants: []Grant{allow("ec2:RevokeSecurityGroupIngress", t.ARN)},
		Do: func(ctx context.Context, w Writer) error {
			_, err := w.EC2.RevokeSecurityGroupIngress(ctx, in)
			return err
		},
		Effect: func(s State) Effect { return taken(s.Exists && s.Facts["open"] == "null") },
	}}
}

// Undo implements Action.
func (RevokeOpenIngress) Undo(t Target, before Facts) []Step {
	in := &ec2.AuthorizeSecurityGroupIngressInput{GroupId: aws.String(t.ID()), IpPermissions: permissions(before)}
	return []Step{{
		Service: "ec2", Operation: "AuthorizeSecurityGroupIngress", Input: in, Grants: []Grant{allow("ec2:AuthorizeSecurityGroupIngress", t.ARN)},
		Do: func(ctx context.Context, w Writer) error {
			_, err := w.EC2.AuthorizeSecurityGroupIngress(ctx, in)
			return err
		},
		Effect: func(s State) Effect { return taken(s.Facts["open"] == before["open"]) },
	}}
}
