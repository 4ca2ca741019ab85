// Command lambda runs the collector of aws.cur as an AWS Lambda function on a schedule. See
// collect.Settings for its environment and collect.ParseRequest for its input.
package main

import (
	"polo/internal/lambdamain"
	"polo/producers/collect"
	"polo/producers/cur"
)

func main() { lambdamain.Run(collect.Function(collect.Only(cur.Registration()))) }
