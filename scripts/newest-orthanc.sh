#!/bin/sh
# Fetch Orthanc 1.12.7 (Debian trixie) into a folder of its own, as the peer of the benchmarks.
#
# Needs root and debootstrap. The mirror is the one that apt is set up with. Without them the
# benchmarks take the Orthanc that is installed, or leave it out, and say so.
set -eu

root=${BENCH_ORTHANC_ROOT:-$HOME/.cache/imaging-cloud/trixie}
[ -x "$root/usr/sbin/Orthanc" ] && exit 0
if [ "$(id -u)" != 0 ] || ! command -v debootstrap >/dev/null; then
    echo "newest-orthanc: needs root and debootstrap (apt-get install debootstrap); going on without" >&2
    exit 0
fi
mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
    sed -nE 's#^(deb( \[[^]]*\])?|URIs:) +(https?://[^ ]*/debian/?)( .*)?$#\3#p' | head -n 1)
mkdir -p "$root"
echo "newest-orthanc: fetching into $root (two minutes)" >&2
# shellcheck disable=SC2086 # no mirror found: then debootstrap has one of its own
debootstrap --variant=minbase --include=orthanc,orthanc-dicomweb,orthanc-postgresql \
    trixie "$root" $mirror >"$root.log" 2>&1 || {
    echo "newest-orthanc: failed, see $root.log; going on without" >&2
    rm -rf "$root"
}
