package main

import (
	"errors"
	"reflect"
	"strings"

	"polo/internal/environment"
	"polo/producers"
	"polo/producers/github"
)

// environ holds the function's environment variables, besides those of lambdamain.Environment.
type environ struct {
	GitHub     github.Config      `env:"POLO_GITHUB,required" unit:"JSON" doc:"as the collectors' of GitHub; api says of which server the deliveries are"`
	Secret     string             `env:"POLO_GITHUB_SECRET,required" unit:"ARN" doc:"the secret with webhook_secret, in Secrets Manager or SSM: what the webhooks are signed with"`
	Queue      string             `env:"POLO_QUEUE,required" unit:"URL, ARN or name" doc:"the queue for events"`
	DeadLetter string             `env:"POLO_DLQ,required" unit:"URL, ARN or name" doc:"the queue for failures"`
	Identity   producers.Identity `env:"POLO_IDENTITY" unit:"JSON" doc:"as the collectors'"`
}

// readSettings reports every missing or wrong variable at once.
func readSettings(getenv func(string) string) (environ, error) {
	e := environ{Identity: producers.DefaultIdentity()}
	err := environment.Read(getenv, &e, environment.Parsers{
		reflect.TypeFor[github.Config]():      func(text string) (any, error) { return github.ParseConfig([]byte(text)) },
		reflect.TypeFor[producers.Identity](): func(text string) (any, error) { return producers.ParseIdentity(text) },
	})
	if strings.HasPrefix(strings.TrimSpace(e.Secret), "{") {
		err = errors.Join(err, errors.New("POLO_GITHUB_SECRET holds the secret itself; a function's has its ARN"))
	}
	return e, err
}
