#!/usr/bin/env bash
# Deploys the built Worker as a configuration says. Usage: deploy-worker.sh [CONFIG]
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
config=$(realpath "${1:-$root/worker/wrangler.jsonc}")

missing=()
[ -e "$config" ] || missing+=("the configuration $config is not there")
[ -n "${CLOUDFLARE_API_TOKEN:-}" ] || missing+=("CLOUDFLARE_API_TOKEN is not set")
[ -n "${CLOUDFLARE_ACCOUNT_ID:-}" ] || missing+=("CLOUDFLARE_ACCOUNT_ID is not set")
if [ -e "$config" ] && grep -qE 'example\.com|TEAM\.cloudflareaccess|"ACCESS_AUD": *"AUD"' "$config"; then
  missing+=("$config still has the example's values: set routes, CLICKHOUSE_URL, ACCESS_TEAM and ACCESS_AUD")
fi
if [ "${#missing[@]}" -gt 0 ]; then
  printf 'deploy-worker: %s\n' "${missing[@]}" >&2
  exit 2
fi
make -C "$root" worker-test
cd "$root/worker/test"
WRANGLER_SEND_METRICS=false "$(node node.mjs)" node_modules/wrangler/bin/wrangler.js deploy --config "$config"
