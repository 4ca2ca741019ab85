#!/usr/bin/env bash
# Runs every fuzz target of the module for a time each. A second argument is a regular
# expression of packages to skip.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-60s}
without=${2:-^$}
count=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
while IFS=: read -r file target; do
  pkg=./$(dirname "$file")
  if [[ $pkg =~ $without ]]; then continue; fi
  echo "== $pkg $target for $time"
  code=0
  go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$pkg" >"$log" 2>&1 || code=$?
  cat "$log"
  # If the time ends during a slow input, go test fails without a finding.
  if [ "$code" != 0 ] && { ! grep -q '^ *context deadline exceeded$' "$log" || grep -q 'Failing input written' "$log"; }; then exit "$code"; fi
  count=$((count + 1))
done < <(grep -rnoE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' . | sed -E 's/^\.\/([^:]*):[0-9]+:func (Fuzz.*)/\1:\2/' | sort)
[ "$count" -gt 0 ] || { echo "no fuzz targets found" >&2; exit 1; }
echo "$count fuzz targets clean"
