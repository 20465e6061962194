#!/usr/bin/env bash
# Makes the Python environment once:  scripts/setup.sh run|test
#   run   what the cloud needs to run
#   test  that, the test libraries and the developer tools
# A stamp in the environment makes every later call free until pyproject.toml changes.
set -euo pipefail
cd "$(dirname "$0")/.."

what=${1:-run}
venv=${VENV:-.venv}
case $what in
  run) target="." ;;
  test) target=".[test,dev]" ;;
  *) echo "usage: scripts/setup.sh run|test" >&2; exit 2 ;;
esac

say() { printf 'setup: %s\n' "$*" >&2; }

stop() {
  printf '\nsetup: %s\n' "$1" >&2
  shift
  printf '       %s\n' "$@" >&2
  exit 1
}

fingerprint=$(cat pyproject.toml constraints.txt scripts/setup.sh | sha256sum | cut -d' ' -f1)

is_stamped() { [ "$(cat "$venv/.setup-$1" 2>/dev/null)" = "$fingerprint" ]; }

if [ -x "$venv/bin/python" ] && { is_stamped "$what" || is_stamped test; }; then
  exit 0
fi

is_new_enough() {
  "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
  local candidate
  for candidate in ${PYTHON:-} python3.11 python3.12 python3.13 python3 python; do
    if command -v "$candidate" >/dev/null && is_new_enough "$candidate"; then
      command -v "$candidate"
      return 0
    fi
  done
  return 1
}

can_install_packages() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

install_packages() {
  say "installing $*"
  DEBIAN_FRONTEND=noninteractive apt-get update -q >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@" >/dev/null
}

if ! python=$(find_python); then
  can_install_packages && install_packages python3 python3-venv
  python=$(find_python) || stop "Python 3.11 or newer is needed." \
    "Debian 12: sudo apt-get install python3 python3-venv" \
    "elsewhere: put it on PATH, or PYTHON=/path/to/python make ..."
fi

if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  can_install_packages && install_packages python3-venv
  "$python" -c 'import ensurepip, venv' 2>/dev/null || stop "$python cannot make environments." \
    "Debian: sudo apt-get install python3-venv"
fi

if [ -x "$venv/bin/python" ] && ! is_new_enough "$venv/bin/python"; then
  say "$venv holds an older Python: making it anew"
  rm -rf "$venv"
fi
if [ ! -x "$venv/bin/python" ]; then
  say "making $venv with $("$python" --version)"
  "$python" -m venv "$venv"
fi

say "installing the $what libraries (constraints.txt has the versions)"
pip() { "$venv/bin/python" -m pip --disable-pip-version-check "$@"; }
with_uv() {
  { [ -x "$venv/bin/uv" ] || pip install -q -c constraints.txt uv; } &&
    "$venv/bin/uv" pip install -q --python "$venv/bin/python" -c constraints.txt -e "$target"
}
if ! with_uv; then
  say "uv did not manage (a private index that only pip knows?): trying pip, which is slower"
  pip install -q -c constraints.txt -e "$target" || stop "the libraries could not be installed." \
    "The lines above say why; a package registry must be reachable."
fi
echo "$fingerprint" >"$venv/.setup-$what"
say "ready"
