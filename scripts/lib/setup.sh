#!/usr/bin/env bash
# Makes a machine ready to build and test rulewright, and says each thing it does: the tools that work on the kernel
# (Debian packages), node_modules, dist. Run it, or source it to get what it exports:
#
#   RULEWRIGHT_NO_KERNEL=1        kernel tests cannot run here and must not try
#   RULEWRIGHT_NO_KERNEL_REASON   why, in a few words
#
# Returns non-zero when node_modules or dist could not be made.

setup_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# Without root, PATH often lacks the folders of iptables, nft and ip.
export PATH=$PATH:/usr/sbin:/sbin

setup_say() { echo "setup: $*"; }

# setup_quietly COMMAND…: shows what a command prints only when it fails.
setup_quietly() {
  local output
  output=$("$@" </dev/null 2>&1) && return
  printf '%s\n' "$output"
  setup_say "failed: $*"
  return 1
}

setup_no_kernel() {
  export RULEWRIGHT_NO_KERNEL=1 RULEWRIGHT_NO_KERNEL_REASON=$1
  setup_say "kernel tests are left out: $1"
}

setup_missing_packages() {
  local pair missing=()
  for pair in iptables=iptables nft=nftables ip=iproute2 conntrack=conntrack python3=python3 faketime=faketime; do
    command -v "${pair%=*}" >/dev/null || missing+=("${pair#*=}")
  done
  echo "${missing[*]-}"
}

setup_install() {
  setup_say "installing $*"
  command -v apt-get >/dev/null || return
  setup_quietly env DEBIAN_FRONTEND=noninteractive apt-get -qq update
  # An update that fails, because one of many sources is away, need not keep the packages from being installed.
  setup_quietly env DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends "$@"
}

setup_kernel() {
  local missing
  missing=$(setup_missing_packages)
  if [ "$(id -u)" -ne 0 ]; then
    setup_no_kernel "not root${missing:+, and not installed: $missing}"
    return
  fi
  # shellcheck disable=SC2086 # a list of words
  [ -z "$missing" ] || setup_install $missing
  missing=$(setup_missing_packages)
  if [ -n "$missing" ]; then
    setup_no_kernel "could not install $missing"
  elif ! unshare --net true 2>/dev/null; then
    setup_no_kernel 'this machine gives root no network namespaces'
  fi
}

setup_packages() {
  [ node_modules/.package-lock.json -nt package-lock.json ] && return
  setup_say 'installing node_modules (npm ci)'
  # The machine's own Node, which only runs npm here, may be older than package.json wants: that is a warning.
  setup_quietly npm ci --loglevel=error --no-audit --no-fund
}

setup_build() {
  setup_say 'building dist'
  setup_quietly npm run --silent build
}

setup_all() {
  cd "$setup_root" && setup_kernel && setup_packages && setup_build
}

# Two commands, so that a script that sources this stays where it is and still gets the exports.
setup_from=$PWD
setup_all
setup_status=$?
cd "$setup_from" || true
return "$setup_status" 2>/dev/null || exit "$setup_status"
