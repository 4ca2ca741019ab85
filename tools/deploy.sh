#!/usr/bin/env bash
# deploy.sh DIR deploys the pipeline from a checkout. It builds the functions' zips, migrates
# the ClickHouse at POLO_CLICKHOUSE_ADDR (migrations go before code: an older consumer works
# with a newer schema, not the other way round), and applies the Terraform configuration in
# DIR, which asks before it changes anything.
set -euo pipefail
dir=${1:?the folder of a Terraform configuration, such as terraform/examples/complete}
[ -d "$dir" ] || { echo "deploy: no folder $dir" >&2; exit 2; }
dir=$(cd "$dir" && pwd)
cd "$(dirname "$0")/.."
command -v terraform >/dev/null || { echo "deploy: terraform is not on the PATH" >&2; exit 2; }

make lambda
if [ -n "${POLO_CLICKHOUSE_ADDR:-}" ]; then
  make build/polo
  tls=(--tls)
  if [ "${POLO_CLICKHOUSE_PLAINTEXT:-}" = true ]; then tls=(); fi
  build/polo schema up "${tls[@]}" --addr "$POLO_CLICKHOUSE_ADDR" --user "${POLO_CLICKHOUSE_MIGRATOR:-default}" --target "${POLO_CLICKHOUSE_TARGET:-cloud}"
else
  echo "deploy: POLO_CLICKHOUSE_ADDR is not set: not migrating the schema"
fi
terraform -chdir="$dir" init -input=false
TF_VAR_artifacts_folder=${TF_VAR_artifacts_folder:-$PWD/build/lambda} terraform -chdir="$dir" apply
