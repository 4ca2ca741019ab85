// Command lambda runs the collector of aws.cloudtrail as an AWS Lambda function on a schedule.
// See collect.Settings for its environment and collect.ParseRequest for its input.
package main

import (
	"polo/internal/lambdamain"
	"polo/producers/cloudtrail"
	"polo/producers/collect"
)

func main() { lambdamain.Run(collect.Function(collect.Only(cloudtrail.Registration()))) }
