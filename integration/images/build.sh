#!/usr/bin/env bash
# Builds two images from this checkout, for machines that cannot pull any:
# polo-test-clickhouse from the embedded engine and polo-test-sqs from the
# embedded SQS. They replace the official images in the container suite.
set -euo pipefail
cd "$(dirname "$0")/../.."
library=${POLO_LIBCHDB:-$(ls local/chdb/npm/node_modules/@chdb/lib-linux-*-gnu/libchdb.so 2>/dev/null | head -1 || true)}
[ -f "$library" ] || { echo "build.sh: no libchdb.so: run 'make engine' or set POLO_LIBCHDB" >&2; exit 1; }
context=$(mktemp -d "${TMPDIR:-/tmp}/polo-images-XXXXXX")
trap 'rm -rf "$context"' EXIT

# image NAME: one Go program on an empty root file system.
image() {
  local root=$context/$1/rootfs
  mkdir -p "$root/tmp" "$root/etc"
  chmod 1777 "$root/tmp"
  CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o "$root/$1" "./integration/images/$1"
  cp "integration/images/$1/Dockerfile" "$context/$1/"
}

image sqs
mkdir "$context/sqs/rootfs/data"
docker build --quiet --tag polo-test-sqs "$context/sqs"

image clickhouse
root=$context/clickhouse/rootfs
mkdir -p "$root/lib" "$root/lib64" "$root/var/lib/clickhouse"
cp -L "$library" "$root/lib/libchdb.so"
# The engine reads further accounts from beside its configuration.
mkdir -p "$root/etc/clickhouse-server/users.d"
ln -s /etc/clickhouse-server/users.d "$root/var/lib/clickhouse/users.d"
# The libraries that the library and the program load, by name: the loader itself at
# its full path, the others where LD_LIBRARY_PATH points.
{ ldd "$library"; ldd "$root/clickhouse"; } | awk '$2 == "=>" { print $3 } $1 ~ /^\// { print $1 }' | sort -u |
  while read -r file; do
    case $file in
      */ld-linux*) mkdir -p "$root$(dirname "$file")" && cp -L "$file" "$root$file" ;;
      *) cp -L "$file" "$root/lib/" ;;
    esac
  done
docker build --quiet --tag polo-test-clickhouse "$context/clickhouse"
