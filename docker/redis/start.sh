#!/bin/sh
# start.sh CONFIGURATION [OPTION ...]: starts Redis with the accounts of users.acl beside this file. Passwords come from the
# environment, and their hashes alone are written. The account `rookery` is for Rookery, `admin` for people and for replicas.
set -eu
folder=$(cd "$(dirname "$0")" && pwd)
accounts=${ACCOUNTS_FOLDER:-/tmp}/users.acl
configuration=$1
shift

hash_of() {
    printf '%s' "$1" | sha256sum | cut -d ' ' -f 1
}

umask 077
sed -e "s/#ADMIN/#$(hash_of "$REDIS_ADMIN_PASSWORD")/" -e "s/#ROOKERY/#$(hash_of "$REDIS_PASSWORD")/" \
    "$folder/users.acl" > "$accounts"
if id redis > /dev/null 2>&1 && [ "$(id -u)" = 0 ]; then chown redis "$accounts"; fi
exec docker-entrypoint.sh redis-server "$configuration" --aclfile "$accounts" \
    --masteruser admin --masterauth "$REDIS_ADMIN_PASSWORD" "$@"
