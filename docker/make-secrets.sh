#!/bin/sh
# Makes the secrets that are missing, random, once, each in a volume of its own that only the
# services see which need it.
set -eu
umask 077
for name in component redis; do
  file="/secrets/$name/secret"
  if [ ! -s "$file" ]; then
    head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' > "$file.new"
    mv "$file.new" "$file"
    echo "made the secret of $name"
  fi
done
