#!/usr/bin/env bash
# Starts a Ceph of one node with its S3 gateway on loopback, as the real S3 of the tests. As root or not.
#   ceph-rgw.sh FOLDER RGW_PORT MON_PORT
# FOLDER must be empty or not exist yet; everything is kept there, objects in memory. It returns once the gateway
# answers on http://127.0.0.1:RGW_PORT, with a user whose key is AKTEST000000000000 / secretsecretsecretsecretsecretsecret0000.
# Stop it with: kill $(cat FOLDER/run/*.pid). Start a fresh one rather than this one again.
# The parts come from Debian's ceph-mon ceph-osd radosgw ceph-common curl (npm run test:setup installs them).
set -euo pipefail

fail() {
  echo "ceph-rgw: $*" >&2
  exit 1
}
[ $# = 3 ] || fail "usage: ceph-rgw.sh FOLDER RGW_PORT MON_PORT"
missing=()
for program in ceph ceph-authtool ceph-mon ceph-osd monmaptool radosgw radosgw-admin curl; do
  command -v "$program" >/dev/null || missing+=("$program")
done
[ ${#missing[@]} = 0 ] || fail "${missing[*]} not found; npm run test:setup installs what is missing."
[ ! -e "$1" ] || [ -z "$(ls -A "$1")" ] || fail "$1 is not empty."
mkdir -p "$1"/{mon,osd,rgw,log,run}
folder=$(cd "$1" && pwd)
rgw_port=$2
mon_port=$3
fsid=$(cat /proc/sys/kernel/random/uuid)

stop() {
  for pid_file in "$folder"/run/*.pid; do
    [ ! -s "$pid_file" ] || kill "$(cat "$pid_file")" || true
  done
}
trap 'stop; fail "could not start; see $folder/log"' ERR

# cephx stays on: without it radosgw hangs. No manager is needed.
cat >"$folder/ceph.conf" <<CONF
[global]
fsid = $fsid
mon host = [v2:127.0.0.1:$mon_port]
mon initial members = a
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
auth allow insecure global id reclaim = false
keyring = $folder/keyring
mon allow pool size one = true
mon warn on pool no redundancy = false
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon max pg per osd = 1000
run dir = $folder/run
admin socket = $folder/run/\$cluster-\$name.asok
log file = $folder/log/\$name.log
pid file = $folder/run/\$name.pid
[mon]
mon data = $folder/mon
mon data avail warn = 2
mon data avail crit = 1
mon cluster log file = $folder/log/cluster.log
[osd]
osd data = $folder/osd
osd objectstore = memstore
memstore device bytes = 2147483648
osd memory target = 1073741824
[client.rgw.a]
keyring = $folder/rgw/keyring
rgw data = $folder/rgw
rgw frontends = beast endpoint=127.0.0.1:$rgw_port
rgw crypt require ssl = false
rgw verify ssl = false
rgw thread pool size = 32
CONF
export CEPH_CONF="$folder/ceph.conf"
exec 3>>"$folder/log/start.log"

wait_for() {
  for _ in $(seq 300); do
    if "$@" >&3 2>&1; then return 0; fi
    sleep 0.1
  done
  return 1
}

ceph-authtool --create-keyring "$folder/keyring" --gen-key -n mon. --cap mon 'allow *' >&3 2>&1
ceph-authtool "$folder/keyring" --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *' >&3 2>&1
monmaptool --create --fsid "$fsid" --addv a "[v2:127.0.0.1:$mon_port]" "$folder/monmap" >&3 2>&1
ceph-mon -i a --mkfs --monmap "$folder/monmap" --keyring "$folder/keyring" >&3 2>&1
ceph-mon -i a >&3 2>&1
wait_for ceph --connect-timeout 2 mon stat

osd_uuid=$(cat /proc/sys/kernel/random/uuid)
osd_secret=$(ceph-authtool --gen-print-key)
osd_id=$(echo "{\"cephx_secret\":\"$osd_secret\"}" | ceph osd new "$osd_uuid" -i - 2>&3)
ceph-authtool --create-keyring "$folder/osd/keyring" --name "osd.$osd_id" --add-key "$osd_secret" >&3 2>&1
ceph-osd -i "$osd_id" --mkfs --osd-uuid "$osd_uuid" --keyring "$folder/osd/keyring" >&3 2>&1
ceph-osd -i "$osd_id" --keyring "$folder/osd/keyring" >&3 2>&1

ceph auth get-or-create client.rgw.a mon 'allow rw' osd 'allow rwx' -o "$folder/rgw/keyring" >&3 2>&1
radosgw -n client.rgw.a >&3 2>&1
# It goes on by itself before it has its port; another server may hold that, and answer.
answers() {
  local pid_file=$folder/run/client.rgw.a.pid
  if [ -s "$pid_file" ] && kill -0 "$(cat "$pid_file")"; then
    curl -fs "http://127.0.0.1:$rgw_port/" | grep -q ListAllMyBucketsResult
  else
    return 1
  fi
}
wait_for answers
radosgw-admin -n client.rgw.a user create --uid=test --display-name=test \
  --access-key=AKTEST000000000000 --secret-key=secretsecretsecretsecretsecretsecret0000 >&3 2>&1
