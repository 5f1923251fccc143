#!/bin/sh
# Brings a fresh clone to the point where bin/dagent runs: dependencies, the pinned runtime, the
# build. Does nothing, at once, where all is in place. Progress goes to stderr.
set -eu
cd "$(dirname "$0")/.."
stamp=node_modules/.dagent-installed
if ! cmp -s package-lock.json "$stamp"; then
  echo "setup: installing dependencies" >&2
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
  sh scripts/runtime.sh
  cp package-lock.json "$stamp"
fi
sh scripts/runtime.sh
./node_modules/node/bin/node scripts/build.ts --if-stale
