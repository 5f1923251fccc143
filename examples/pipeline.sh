#!/bin/sh
# Orders come in on one service, jq picks the large ones, and those go on to another service: a
# pipeline of ordinary filters over NDJSON. With a daemon running on this host, and jq installed:
#
#     sh examples/pipeline.sh
#
# It registers the two services, sends four orders, shows what arrived, and ends.
set -eu
dagent=${DAGENT:-$(dirname "$0")/../bin/dagent}
scratch=$(mktemp -d)
started=
# Ends what still runs when it is cut short: a listener that is told gives its name back.
clean_up() {
  for pid in $started; do kill "$pid" 2>/dev/null || :; done
  rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# The receiver at the end: two messages, then it is done.
"$dagent" listen billing --count 2 >"$scratch/billing" &
started=$!

# A message becomes a record, jq makes another of it, and that becomes a message. With `|` in the
# place of the named pipe it is the same; so the listener has an id by which it can be ended.
mkfifo "$scratch/orders"
"$dagent" listen orders --count 4 --json >"$scratch/orders" &
started="$started $!"
invoice='select((.params.amount | tonumber) >= 100) | .to = "billing" | .command = "INVOICE"'
jq --unbuffered -c "$invoice" <"$scratch/orders" | "$dagent" send --stdin &
started="$started $!"

# Both are there when the tree knows their names.
both='[.[].service] | index("orders") and index("billing")'
tries=0
until "$dagent" services --json | jq -e "$both" >"$scratch/seen"; do
  tries=$((tries + 1))
  [ "$tries" -lt 50 ] || { echo "pipeline: the services did not come up" >&2; exit 1; }
done

for order in 1=40 2=250 3=99 4=1000; do
  "$dagent" send orders ORDER "id=${order%=*}" "amount=${order#*=}"
done
# shellcheck disable=SC2086 # a list of ids
wait $started
cat "$scratch/billing"
