#!/bin/sh
# Makes the password file from the environment, then becomes the broker.
set -eu
umask 077
passwords=${PASSWORD_FILE:-/run/cordon/passwords}
: >"$passwords"
mosquitto_passwd -b "$passwords" server "${SERVER_PASSWORD:?}"
mosquitto_passwd -b "$passwords" devices "${DEVICES_PASSWORD:?}"
exec mosquitto -c "${1:-/mosquitto/config/mosquitto.conf}"
