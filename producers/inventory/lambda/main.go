// Command lambda reads the inventory of one AWS service as an AWS Lambda function on a schedule:
// the one that POLO_SOURCE names, such as aws.ec2. See collect.Settings for the rest of its
// environment and collect.ParseRequest for its input.
package main

import (
	"polo/internal/lambdamain"
	"polo/producers/collect"
	"polo/producers/inventory"
)

func main() { lambdamain.Run(collect.Function(inventory.Registration)) }
