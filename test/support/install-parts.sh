#!/usr/bin/env bash
# Installs the parts of Debian that the tests run against, where that is possible; else names them.
set -euo pipefail
PATH="$PATH:/usr/sbin"

missing=()
command -v chromium >/dev/null || missing+=(chromium)
command -v mosquitto >/dev/null || missing+=(mosquitto)
command -v mosquitto_pub >/dev/null || missing+=(mosquitto-clients)
command -v openssl >/dev/null || missing+=(openssl)
command -v curl >/dev/null || missing+=(curl)
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "The tests need ${missing[*]}; on Debian as root: apt-get install ${missing[*]}" >&2
  exit 1
fi

# The tests start their own brokers: the package must not start one at port 1883.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
  trap 'rm -f "$policy"' EXIT
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
if [[ " ${missing[*]} " == *" postgresql "* ]]; then
  # The package must not make a cluster of its own either: nobody would use it.
  apt-get install -qq --yes --no-install-recommends postgresql-common >/dev/null
  sed -ri 's/^#?(create_main_cluster) .*$/\1 = false/' /etc/postgresql-common/createcluster.conf
fi
apt-get install -qq --yes --no-install-recommends "${missing[@]}" >/dev/null
