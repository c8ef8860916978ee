#!/usr/bin/env bash
# Starts a clamd that knows one signature, EICAR's, on a local socket and on loopback, as the real scanner of the tests.
#   clamd.sh FOLDER PORT [LINE-OF-CLAMD.CONF]...
# FOLDER must be empty or not exist yet, or be one of a clamd that was stopped: then that is started again. It returns once
# clamd answers on FOLDER/clamd.sock and 127.0.0.1:PORT. Signatures are in FOLDER/db; what changes there counts after
# "kill -USR2", which reloads. Stop it with: kill $(cat FOLDER/clamd.pid).
# clamd comes from Debian's clamav-daemon (npm run test:setup installs it).
set -euo pipefail

fail() {
  echo "clamd: $*" >&2
  exit 1
}
[ $# -ge 2 ] || fail "usage: clamd.sh FOLDER PORT [LINE-OF-CLAMD.CONF]..."
command -v clamd >/dev/null || fail "not found; npm run test:setup installs it."
mkdir -p "$1"/{db,tmp}
folder=$(cd "$1" && pwd)
port=$2
shift 2

# Of two pieces, so that no scanner takes this file for what it finds.
eicar='X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD'
eicar+='-ANTIVIRUS-TEST-FILE!$H+H*'
printf 'Eicar-Test:0:*:%s\n' "$(printf '%s' "$eicar" | od -An -tx1 | tr -d ' \n')" >"$folder/db/eicar.ndb"

{
  cat <<CONF
DatabaseDirectory $folder/db
OfficialDatabaseOnly no
LocalSocket $folder/clamd.sock
FixStaleSocket yes
TCPAddr 127.0.0.1
TCPSocket $port
PidFile $folder/clamd.pid
TemporaryDirectory $folder/tmp
LogFile $folder/clamd.log
AlertExceedsMax yes
CONF
  printf '%s\n' "$@"
} >"$folder/clamd.conf"

rm -f "$folder/clamd.pid"
clamd --config-file="$folder/clamd.conf" >>"$folder/start.log" 2>&1 || fail "could not start: $(tail -5 "$folder/start.log")"
for _ in $(seq 300); do
  if [ -s "$folder/clamd.pid" ] && [ -S "$folder/clamd.sock" ]; then exit 0; fi
  sleep 0.1
done
fail "did not come up; see $folder/clamd.log"
