#!/bin/sh
# Installs the binary of the npm package `node`, which its install script fetches from the registry.
# Run by hand because installs here ignore the scripts of packages: this is the only one we need.
set -eu
cd "$(dirname "$0")/../node_modules/node"
[ -x bin/node ] && exit 0
echo "setup: installing the Node runtime" >&2
node installArchSpecificPackage.js >&2
