#!/bin/sh
# proof.sh BUSY COMMAND...: run the tests once beside so many busy processes, and note how it ended.
set -eu
busy=$1; shift
runs=docs/suite-runs.txt
commit=$(git rev-parse --short HEAD)
[ -z "$(git status --porcelain -- . ":!$runs")" ] || commit="$commit+changes"
busy_ones=
for _ in $(seq "$busy"); do sh -c 'while :; do :; done' & busy_ones="$busy_ones $!"; done
trap '[ -z "$busy_ones" ] || kill $busy_ones' EXIT
told=$(mktemp)
status=0
"$@" >"$told" 2>&1 || status=$?
cat "$told"
verdict=green; [ "$status" = 0 ] || verdict=RED
echo "$(date -u +%Y-%m-%dT%H:%MZ) $commit beside $busy busy: $verdict, $(tail -n 1 "$told" | tr -d '=' | xargs)" >>"$runs"
rm "$told"
exit "$status"
