#!/usr/bin/env bash
# Lints the module with the golangci-lint that tools/go.mod pins. The binary is
# cached outside the checkout: building it takes minutes.
set -euo pipefail
cd "$(dirname "$0")"
key=$(cat go.sum go.mod | sha256sum | cut -c1-16)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/polo-tools/$key
if [ ! -x "$cache/golangci-lint" ]; then
  echo "building golangci-lint (once; a few minutes)"
  mkdir -p "$cache"
  go build -o "$cache/golangci-lint.new" github.com/golangci/golangci-lint/v2/cmd/golangci-lint
  mv "$cache/golangci-lint.new" "$cache/golangci-lint"
fi
cd ..
exec "$cache/golangci-lint" run ./...
