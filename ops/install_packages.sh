#!/bin/sh
# Install packages of Debian or Ubuntu without starting the services they bring.
# Run as root:  sh install_packages.sh PACKAGE...
# A policy-rc.d that says "do not start" stands only while this runs, and only where there is none.
set -eu

policy=/usr/sbin/policy-rc.d
mark='clcplus-statistics: no service starts while packages are installed'

if [ ! -e "$policy" ] || grep -qF "$mark" "$policy"; then
    trap 'rm -f "$policy"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    printf '#!/bin/sh\n# %s\nexit 101\n' "$mark" > "$policy"
    chmod 755 "$policy"
fi

export DEBIAN_FRONTEND=noninteractive
install() {
    apt-get -y -q -o DPkg::Lock::Timeout=300 install --no-install-recommends "$@"
}

# The lists of packages may be old: then a second try with new ones.
install "$@" || { apt-get -q -o DPkg::Lock::Timeout=300 update; install "$@"; }
