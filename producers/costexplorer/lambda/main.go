// Command lambda reads what accounts cost off AWS Cost Explorer as an AWS Lambda function
// on a schedule: the view that POLO_SOURCE names, aws.cost_explorer when it is not set.
// See collect.Settings for the rest of its environment and collect.ParseRequest for what
// the schedule hands over.
package main

import (
	"cmp"
	"context"
	"log/slog"
	"os"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"

	"polo/producers/collect"
	"polo/producers/costexplorer"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	name := cmp.Or(os.Getenv("POLO_SOURCE"), costexplorer.Source)
	view := strings.TrimPrefix(strings.TrimPrefix(name, costexplorer.Source), ".")
	for _, src := range costexplorer.Registrations(view) {
		if src.Name != name {
			continue
		}
		r, err := collect.FromEnvironment(context.Background(), src, os.Getenv, log)
		if err != nil {
			log.Error("the collector cannot start", slog.String("error", err.Error()))
			os.Exit(1)
		}
		lambda.Start(r.Handle)
		return
	}
	log.Error("there is no such view of Cost Explorer", slog.String("source", name))
	os.Exit(1)
}
