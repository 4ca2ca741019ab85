package inventory

import (
	"path"
	"strings"
)

// CallOfFile parses a service and a call from the name of a recording:
// "ec2.DescribeInstances_1.json" and "api.ecr.DescribeRepositories_2.json" are botocore's,
// "ec2.describe-instances_1.json" is the AWS CLI's. The service is returned as it is in the name
// ("monitoring", "api.ecr"); Normalise knows these names. ok is false if the name has another
// form.
func CallOfFile(name string) (service, call string, ok bool) {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name, found := strings.CutSuffix(name, ".json")
	if !found {
		return "", "", false
	}
	if i := strings.LastIndexByte(name, '_'); i > 0 && isDigits(name[i+1:]) {
		name = name[:i]
	}
	i := strings.LastIndexByte(name, '.')
	if i <= 0 || i == len(name)-1 {
		return "", "", false
	}
	return name[:i], operation(name[i+1:]), true
}

// operation returns the call of a CLI command: "describe-instances" is "DescribeInstances". The
// command does not show capitals ("describe-db-instances"), so calls are compared without case.
func operation(command string) string {
	if !strings.Contains(command, "-") {
		return command
	}
	var b strings.Builder
	for _, word := range strings.Split(command, "-") {
		if word != "" {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}

func sameCall(a, b string) bool { return strings.EqualFold(a, operation(b)) }

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
