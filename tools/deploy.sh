#!/usr/bin/env bash
# deploy.sh DIR: from a checkout to a deployed pipeline. First says everything that is missing, at
# once, and builds nothing until it is there. Then builds the functions' zips, brings ClickHouse's
# schema up to date at POLO_CLICKHOUSE_ADDR (migrations go before code: an older consumer inserts into
# a newer schema, not the other way round; POLO_CLICKHOUSE_ADDR=none leaves it as it is), and applies
# the Terraform configuration in DIR, which asks before it changes anything.
set -euo pipefail
dir=${1:-}
missing=()
need() { missing+=("$1"$'\n'"    $2"); }

if [ -z "$dir" ]; then
  need "the folder of a Terraform configuration" "make deploy DEPLOY=DIR; docs/DEPLOY.md makes one of terraform/examples/minimal or complete"
elif [ ! -d "$dir" ]; then
  need "the folder $dir" "DEPLOY names the folder of a Terraform configuration"
elif ! compgen -G "$dir/*.tf" >/dev/null; then
  need "a Terraform configuration in $dir" "DEPLOY names a folder with .tf files; docs/DEPLOY.md makes one"
fi
for program in go:"https://go.dev/dl, 1.26 or later" make:"the package make" terraform:"https://developer.hashicorp.com/terraform/install, 1.9 or later"; do
  command -v "${program%%:*}" >/dev/null || need "the program ${program%%:*}" "install it: ${program#*:}"
done
if command -v terraform >/dev/null; then
  version=$(terraform version 2>/dev/null) || version=
  if [[ $version =~ v([0-9]+)\.([0-9]+) ]] && ((BASH_REMATCH[1] < 1 || (BASH_REMATCH[1] == 1 && BASH_REMATCH[2] < 9))); then
    need "terraform 1.9 or later" "this one is ${BASH_REMATCH[0]}"
  fi
fi

credentials() {
  if command -v aws >/dev/null; then
    aws sts get-caller-identity >/dev/null 2>&1
    return
  fi
  [ -n "${AWS_ACCESS_KEY_ID:-}${AWS_PROFILE:-}${AWS_WEB_IDENTITY_TOKEN_FILE:-}${AWS_CONTAINER_CREDENTIALS_RELATIVE_URI:-}${AWS_CONTAINER_CREDENTIALS_FULL_URI:-}" ] ||
    [ -s "${AWS_SHARED_CREDENTIALS_FILE:-${HOME:-}/.aws/credentials}" ] || [ -s "${AWS_CONFIG_FILE:-${HOME:-}/.aws/config}" ]
}
credentials || need "AWS credentials of the collecting account" "aws configure, aws sso login with AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; aws sts get-caller-identity tries them"

addr=${POLO_CLICKHOUSE_ADDR:-}
if [ -z "$addr" ]; then
  need "POLO_CLICKHOUSE_ADDR" "ClickHouse's host:port as this machine reaches it, such as HOST:9440; none leaves the schema as it is"
elif [ "$addr" != none ]; then
  polo=${BASH_SOURCE[0]%/*}/..
  [ -n "${POLO_CLICKHOUSE_PASSWORD+set}" ] || need "POLO_CLICKHOUSE_PASSWORD" "the password of ${POLO_CLICKHOUSE_MIGRATOR:-default} (POLO_CLICKHOUSE_MIGRATOR), who migrates the schema"
  case ${POLO_CLICKHOUSE_TARGET:-cloud} in
  cloud | single | cluster) ;;
  *) need "a POLO_CLICKHOUSE_TARGET that there is" "cloud, single or cluster" ;;
  esac
  # The first program build needs it, unless the library is there already.
  [ -e "$polo/local/chdb/npm/node_modules/.installed" ] || command -v npm >/dev/null || need "the program npm" "install Node.js 20 or later: https://nodejs.org"
fi

if [ "${#missing[@]}" -gt 0 ]; then
  {
    echo "deploy: nothing was built or changed. Missing:"
    printf '  %s\n' "${missing[@]}"
  } >&2
  exit 2
fi

dir=$(cd "$dir" && pwd)
cd "${BASH_SOURCE[0]%/*}/.."
make lambda
if [ "$addr" != none ]; then
  make build/polo
  tls=(--tls)
  if [ "${POLO_CLICKHOUSE_PLAINTEXT:-}" = true ]; then tls=(); fi
  build/polo schema up "${tls[@]}" --addr "$addr" --user "${POLO_CLICKHOUSE_MIGRATOR:-default}" --target "${POLO_CLICKHOUSE_TARGET:-cloud}"
fi
terraform -chdir="$dir" init -input=false
TF_VAR_artifacts_folder=${TF_VAR_artifacts_folder:-$PWD/build/lambda} terraform -chdir="$dir" apply
