#!/bin/sh
# Waits for the secrets that this container can see, puts them where its program looks for them,
# and becomes that program.
set -eu
wait_for() {
  until [ -s "$1" ]; do
    echo "waiting for $1"
    sleep 1
  done
}
if [ -d /secrets/component ]; then
  wait_for /secrets/component/secret
  XMPP_COMPONENT_SECRET=$(cat /secrets/component/secret)
  export XMPP_COMPONENT_SECRET
fi
if [ -d /secrets/redis ]; then
  wait_for /secrets/redis/secret
  REDISCLI_AUTH=$(cat /secrets/redis/secret)
  REDIS_URL="redis://:$REDISCLI_AUTH@${REDIS_HOST:-redis}:6379"
  export REDISCLI_AUTH REDIS_URL
fi
exec "$@"
