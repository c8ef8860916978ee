#!/usr/bin/env bash
# Installs the system parts that `npm run test:full` needs (Debian, root). Nothing else calls apt-get.
set -euo pipefail
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "test:setup installs Debian packages as root; on another system install the list in scripts/test-setup.sh by hand." >&2
  exit 1
fi
packages=(ceph-mon ceph-osd radosgw ceph-common curl strace nginx awscli s3cmd chromium openssl fonts-liberation poppler-utils libvips-tools faketime prometheus clamav-daemon libimage-exiftool-perl ffmpeg bubblewrap libheif-examples postgresql redis-server)
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q
  apt-get install -q -y --no-install-recommends "${missing[@]}"
fi
echo "test:setup: all system parts are there"
