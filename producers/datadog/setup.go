package datadog

import (
	"context"
	"fmt"

	"polo/internal/httpsource"
	"polo/producers/source"
)

// open reads the setting that all sources share, and returns the client of its keys.
func open(d source.Deps) (Config, *httpsource.Client, error) {
	const setting, keysSetting = "POLO_DATADOG", "POLO_DATADOG_SECRET"
	cfg, err := ParseConfig([]byte(d.Getenv(setting)))
	if err != nil {
		return Config{}, nil, fmt.Errorf("%s: %w", setting, err)
	}
	fields, err := d.Secret(keysSetting)
	if err != nil {
		return Config{}, nil, fmt.Errorf("%s: %w", keysSetting, err)
	}
	client, err := NewClient(cfg, func(ctx context.Context) (string, string, error) {
		keys, err := fields.Get(ctx, "api_key", "application_key")
		if err != nil {
			return "", "", fmt.Errorf("%s: %w", keysSetting, err)
		}
		return keys[0], keys[1], nil
	}, d.Endpoint, nil)
	return cfg, client, err
}
