#!/usr/bin/env bash
# Checks what Prometheus reads, with promtool (Debian: apt-get install prometheus), and sees every alert fire, end and stay silent: as it is
# worded, and on metrics that were recorded from both ways to run Meterbook. The latter needs `npm ci`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/prometheus"

command -v promtool >/dev/null || {
  echo 'check.sh: promtool is missing; it comes with the package prometheus' >&2
  exit 1
}
promtool check config prometheus.yml
promtool check rules rules.yml
promtool test rules rules.test.yml

tests=$(node try-alerts.mjs)
promtool test rules "$tests"
rm -r "$(dirname "$tests")"
