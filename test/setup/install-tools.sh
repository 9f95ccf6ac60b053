#!/bin/bash
# Installs what the packet tests need beside Node: only what is missing, only as root, and said out loud. Where it cannot
# install it says what is missing and succeeds: the tests that need it are then skipped with that reason.
set -uo pipefail
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

# One "command package" pair a line. FRR's daemons are not on PATH.
needs='ip iproute2
nft nftables
iptables iptables
keepalived keepalived
/usr/lib/frr/vrrpd frr
tcpdump tcpdump
tshark tshark
ping iputils-ping
fping fping
nginx nginx
ps procps
/usr/bin/python3 python3
aiosmtpd python3-aiosmtpd
openssl openssl'

# Some 100 MB, and only the bench compares with it. npm names the script that it runs.
[ "${npm_lifecycle_event:-}" = prebench ] && needs+='
/usr/bin/aws awscli'

packages=()
while read -r command package; do
  command -v "$command" >/dev/null || packages+=("$package")
done <<<"$needs"
[ "${#packages[@]}" -eq 0 ] && exit 0

say() { echo "install-tools: $*"; }
say "the packet tests need these packages, which are missing: ${packages[*]}"

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  say "not root, or no apt-get: tests that need them will be skipped. On Debian or Ubuntu, install them with"
  say "  sudo apt-get install --no-install-recommends ${packages[*]}"
  exit 0
fi

# Debian starts a service as soon as its package is installed; this policy file is the documented way to forbid it.
policy=/usr/sbin/policy-rc.d
saved="$policy.cloudvip-saved"
[ -e "$policy" ] && [ ! -e "$saved" ] && mv "$policy" "$saved"
restore_policy() {
  rm -f "$policy"
  [ -e "$saved" ] && mv "$saved" "$policy"
}
trap restore_policy EXIT
trap 'exit 130' INT TERM
printf '#!/bin/sh\nexit 101\n' >"$policy"
chmod 755 "$policy"

export DEBIAN_FRONTEND=noninteractive # tshark asks whether other users may capture: no
apt_install() {
  apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 "$@"
}

say "installing them with apt-get; no service will be started"
apt-get update -q -o DPkg::Lock::Timeout=120 || say "apt-get update failed; trying with the package lists at hand"
if ! apt_install "${packages[@]}"; then
  say "not all of them could be installed together; trying one at a time"
  for package in "${packages[@]}"; do
    apt_install "$package" || say "could not install $package: tests that need it will be skipped"
  done
fi

# Nor may a service start at the next boot only because tests were run here once.
if command -v systemctl >/dev/null; then
  for service in keepalived frr nginx; do
    [[ " ${packages[*]} " == *" $service "* ]] && systemctl disable --quiet "$service" 2>/dev/null
  done
fi
say "done; no service was started or enabled"
exit 0
