#!/usr/bin/env bash
# The programs that tests talk to: DCMTK and Orthanc as independent DICOM peers, PostgreSQL as
# the second index, nginx as the TLS proxy of deploy/, strace to kill the cloud between two
# system calls; ip for the network that Orthanc is kept in, curl for the walk of the README; chromium
# for the pages.
# As root on Debian the missing ones are installed, without starting any service. Otherwise this
# says what to install; the tests that need them are skipped, each with its reason.
set -euo pipefail

missing=()
has() { command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ]; }
# Not storescu: pynetdicom has one, too.
has dcmdump || missing+=(dcmtk)
has Orthanc || missing+=(orthanc)
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || has initdb || missing+=(postgresql)
has nginx || missing+=(nginx)
[ -e /usr/lib/nginx/modules/ngx_stream_module.so ] || missing+=(libnginx-mod-stream)
has strace || missing+=(strace)
has ip || missing+=(iproute2)
has curl || missing+=(curl)
has chromium || missing+=(chromium)
[ ${#missing[@]} -eq 0 ] && exit 0

loudly() {
  local rule='======================================================================'
  printf '%s\n' "$rule" "$@" "$rule" >&2
}

tell_and_go_on() {
  loudly "$1" \
    "Not here: ${missing[*]}. The tests that need them will be SKIPPED." \
    "To run them all, on Debian:" \
    "  sudo apt-get install --no-install-recommends ${missing[*]}" \
    "Debian starts Orthanc, PostgreSQL and nginx after that; to stop them for good:" \
    "  sudo systemctl disable --now orthanc postgresql nginx"
  exit 0
}

[ "$(id -u)" = 0 ] || tell_and_go_on "Only root can install system packages."
command -v apt-get >/dev/null || tell_and_go_on "This system has no apt-get."

# Debian starts a service as soon as its package is there, Orthanc on all addresses. A policy
# that denies starts, for the time of the installation only, keeps every port closed.
policy=/usr/sbin/policy-rc.d
kept=$(mktemp -d)
restore() {
  rm -f "$policy"
  if [ -e "$kept/policy-rc.d" ]; then mv "$kept/policy-rc.d" "$policy"; fi
  rmdir "$kept"
}
if [ -e "$policy" ]; then mv "$policy" "$kept/policy-rc.d"; fi
trap restore EXIT
printf '#!/bin/sh\nexit 101\n' >"$policy"
chmod 755 "$policy"

printf 'setup: installing %s\n' "${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -q >/dev/null || true
if ! apt-get install -q -y --no-install-recommends "${missing[@]}" >/dev/null; then
  tell_and_go_on "apt-get could not install."
fi
for service in orthanc postgresql nginx; do
  case " ${missing[*]} " in
    *" $service "*) update-rc.d "$service" disable >/dev/null 2>&1 || true ;;
  esac
done
