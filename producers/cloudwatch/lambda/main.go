// Command lambda runs the collector of aws.cloudwatch as an AWS Lambda function on a schedule.
// See collect.Settings for its environment and collect.ParseRequest for its input.
package main

import (
	"polo/internal/lambdamain"
	"polo/producers/cloudwatch"
	"polo/producers/collect"
)

func main() { lambdamain.Run(collect.Function(collect.Only(cloudwatch.Registration()))) }
