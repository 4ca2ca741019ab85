// Command lambda runs the collector of datadog.billing as an AWS Lambda function on a
// schedule. See collect.Settings for its environment and collect.ParseRequest for what
// the schedule hands over.
package main

import (
	"polo/internal/lambdamain"
	"polo/producers/collect"
	"polo/producers/datadog"
)

func main() { lambdamain.Run(collect.Function(collect.Only(datadog.Registration()))) }
