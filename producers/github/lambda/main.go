// Command lambda runs the collector of one of GitHub's sources as an AWS Lambda function on
// a schedule: the one that POLO_SOURCE names. See collect.Settings for its environment and
// collect.ParseRequest for what the schedule hands over.
package main

import (
	"polo/internal/lambdamain"
	"polo/producers/collect"
	"polo/producers/github"
)

func main() { lambdamain.Run(collect.Function(collect.OneOf(github.Registrations()))) }
