// Command lambda reads the inventory of one AWS service as an AWS Lambda function on a
// schedule: of the one that POLO_SOURCE names, such as aws.ec2. See collect.Settings for
// the rest of its environment and collect.ParseRequest for what the schedule hands over.
package main

import (
	"context"
	"errors"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"polo/producers/collect"
	"polo/producers/inventory"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	src, err := inventory.Registration(os.Getenv("POLO_SOURCE"))
	r, err2 := collect.FromEnvironment(context.Background(), src, os.Getenv, log)
	if err := errors.Join(err, err2); err != nil {
		log.Error("the collector cannot start", slog.String("error", err.Error()))
		os.Exit(1)
	}
	lambda.Start(r.Handle)
}
