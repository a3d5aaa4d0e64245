#!/bin/sh
# Builds the image of a release: each base image of the Dockerfile is resolved to its digest first, so that what was
# built can be built again, and the digests are in the labels of the image.
#   scripts/release-image.sh REGISTRY/rulewright:0.1.0 [further arguments of docker buildx build, such as --push]
set -eu
image=${1:?name the image, such as REGISTRY/rulewright:0.1.0}
shift
cd "$(dirname "$0")/.."
for base in $(sed -n 's/^FROM \([^ ]*\).*/\1/p' Dockerfile); do
  digest=$(docker buildx imagetools inspect "$base" --format '{{.Manifest.Digest}}')
  case $digest in
    sha256:????????????????????????????????????????????????????????????????) ;;
    *) echo "no digest of $base: $digest" >&2; exit 1 ;;
  esac
  echo "$base@$digest" >&2
  set -- --build-context "$base=docker-image://$base@$digest" --label "rulewright.base.${base%%:*}=$base@$digest" "$@"
done
exec docker buildx build --tag "$image" "$@" .
