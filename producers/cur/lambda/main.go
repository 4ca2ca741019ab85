// Command lambda runs the collector of aws.cur as an AWS Lambda function on a
// schedule. See collect.Settings for its environment and collect.ParseRequest for what
// the schedule hands over.
package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"polo/producers/collect"
	"polo/producers/cur"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	r, err := collect.FromEnvironment(context.Background(), cur.Registration(), os.Getenv, log)
	if err != nil {
		log.Error("the collector cannot start", slog.String("error", err.Error()))
		os.Exit(1)
	}
	lambda.Start(r.Handle)
}
