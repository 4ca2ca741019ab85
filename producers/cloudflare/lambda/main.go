// Command lambda runs the collector of one of Cloudflare's sources as an AWS Lambda function
// on a schedule: the one that POLO_SOURCE names. See collect.Settings for its environment and
// collect.ParseRequest for what the schedule hands over.
package main

import (
	"polo/internal/lambdamain"
	"polo/producers/cloudflare"
	"polo/producers/collect"
)

func main() { lambdamain.Run(collect.Function(collect.OneOf(cloudflare.Registrations()))) }
