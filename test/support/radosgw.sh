#!/bin/bash
# Starts Ceph's S3 server with one monitor and one disk in memory, below a folder and on 127.0.0.1 only, and waits until it
# answers. The pids of the three processes are in the file "pids".
#   bash radosgw.sh FOLDER PORT ACCESS_KEY SECRET_KEY
set -eu
D=$1 PORT=$2
mkdir -p "$D/mon" "$D/osd" "$D/rgw" "$D/run"
FSID=$(cat /proc/sys/kernel/random/uuid)
cat > "$D/ceph.conf" <<CONF
[global]
fsid = $FSID
mon host = v2:127.0.0.1:$((PORT + 1))
keyring = $D/keyring
run dir = $D/run
admin socket = $D/run/\$name.asok
log file = $D/\$name.log
pid file = $D/run/\$name.pid
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind port min = $((PORT + 2))
ms bind port max = $((PORT + 60))
ms bind ipv6 = false
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 1000
mon data avail crit = 1
mon data avail warn = 1
osd objectstore = memstore
memstore device bytes = 1073741824
osd max object name len = 256
osd max object namespace len = 64
[mon.a]
host = localhost
mon data = $D/mon
mon initial members = a
mon addr = 127.0.0.1:$((PORT + 1))
[osd.0]
host = localhost
osd data = $D/osd
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:$PORT
rgw data = $D/rgw
CONF
CEPH=(-c "$D/ceph.conf")
ceph-authtool --create-keyring "$D/keyring" --gen-key --name=mon. --cap mon 'allow *' > /dev/null
ceph-authtool --gen-key --name=client.admin --cap mon 'allow *' --cap osd 'allow *' "$D/keyring" > /dev/null
monmaptool --create --fsid "$FSID" --addv a "[v2:127.0.0.1:$((PORT + 1))]" "$D/monmap" > /dev/null
ceph-mon "${CEPH[@]}" --mkfs -i a --monmap "$D/monmap" --keyring "$D/keyring"
ceph-mon "${CEPH[@]}" -i a -f > "$D/mon.out" 2>&1 & echo $! > "$D/pids"
OSD=$(cat /proc/sys/kernel/random/uuid)
SECRET=$(ceph-authtool --gen-print-key)
echo "{\"cephx_secret\": \"$SECRET\"}" > "$D/new.json"
timeout 60 ceph "${CEPH[@]}" osd new "$OSD" -i "$D/new.json" > /dev/null
printf '[osd.0]\nkey = %s\n' "$SECRET" >> "$D/keyring"
ceph-osd "${CEPH[@]}" -i 0 --mkfs --osd-uuid "$OSD" > "$D/osd-mkfs.out" 2>&1
ceph-osd "${CEPH[@]}" -i 0 -f > "$D/osd.out" 2>&1 & echo $! >> "$D/pids"
timeout 60 ceph "${CEPH[@]}" auth get-or-create client.rgw mon 'allow rw' osd 'allow rwx' >> "$D/keyring"
radosgw "${CEPH[@]}" -n client.rgw -f > "$D/rgw.out" 2>&1 & echo $! >> "$D/pids"
timeout 60 radosgw-admin "${CEPH[@]}" user create --uid refit --display-name refit --access-key "$3" --secret-key "$4" > /dev/null
for _ in $(seq 300); do
  if (exec 3<> "/dev/tcp/127.0.0.1/$PORT") 2> /dev/null; then exit 0; fi
  sleep 0.1
done
echo "radosgw does not answer" >&2
exit 1
