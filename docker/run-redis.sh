#!/bin/sh
# The password is added at the start, so that it is in no image and in no argument.
set -eu
umask 077
{ cat /etc/conference/redis.conf; echo "requirepass $REDISCLI_AUTH"; } > /tmp/redis.conf
exec redis-server /tmp/redis.conf
