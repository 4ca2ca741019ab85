package main

import (
	"strings"
	"testing"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	env := map[string]string{
		"POLO_GITHUB": `{"organisations":["Acme"]}`, "POLO_GITHUB_SECRET": "arn:aws:ssm:eu-west-1:111122223333:parameter/polo/github", "POLO_QUEUE": "q", "POLO_DLQ": "d",
		"POLO_IDENTITY": `{"customer":["team"]}`,
	}
	s, err := readSettings(func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	if s.GitHub.Organisations[0] != "acme" || s.Identity.Customer[0] != "team" || len(s.Identity.Cluster) < 2 || s.Queue != "q" || s.DeadLetter != "d" {
		t.Errorf("settings %+v", s)
	}
}

func TestWrongSettingsAreNamedAllAtOnce(t *testing.T) {
	t.Parallel()
	_, err := readSettings(func(string) string { return "" })
	for _, name := range []string{"POLO_GITHUB ", "POLO_GITHUB_SECRET ", "POLO_QUEUE ", "POLO_DLQ "} {
		if err == nil || !strings.Contains(err.Error(), name+"is not set") {
			t.Errorf("error %v does not name %s", err, name)
		}
	}
	env := map[string]string{"POLO_GITHUB": `{"organizations":["acme"]}`, "POLO_GITHUB_SECRET": `{"webhook_secret":"hidden"}`, "POLO_IDENTITY": "{]"}
	_, err = readSettings(func(name string) string { return env[name] })
	for _, text := range []string{"POLO_GITHUB: ", "organizations", "POLO_GITHUB_SECRET holds the secret itself", "POLO_IDENTITY: "} {
		if err == nil || !strings.Contains(err.Error(), text) || strings.Contains(err.Error(), "hidden") {
			t.Errorf("error %v does not name %s", err, text)
		}
	}
}
