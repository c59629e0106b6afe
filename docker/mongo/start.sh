#!/bin/sh
# start.sh PROGRAM [OPTION ...]: starts mongod or mongos with the key by which the members of a deployment know each other. With a
# key, clients need an account. The key comes from the environment.
set -eu
key=${ACCOUNTS_FOLDER:-/tmp}/mongo.key
umask 077
printf '%s' "$MONGO_KEY" > "$key"
if id mongodb > /dev/null 2>&1 && [ "$(id -u)" = 0 ]; then chown mongodb "$key"; fi
unset MONGO_KEY
exec docker-entrypoint.sh "$@" --keyFile "$key"
