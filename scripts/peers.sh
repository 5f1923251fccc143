#!/bin/sh
# Installs what the tests and benches run beside dagent: other people's programs, by the system's
# own package manager. Does nothing, at once, where all is there. Starts no service. Where it cannot
# install, it says what is missing and goes on: the tests that need it say so themselves.
set -eu
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# Prints the packages whose programs are missing.
missing() {
  list=
  while read -r program package; do
    command -v "$program" >/dev/null 2>&1 || list="$list $package"
  done <<EOT
nats-server nats-server
sshd openssh-server
ssh openssh-client
ssh-keygen openssh-client
tmux tmux
jq jq
ps procps
python3 python3
EOT
  echo "$list" | tr ' ' '\n' | sort -u | tr '\n' ' '
}

# Prometheus alone, out of its package: what the package depends on is a screen that nobody sees.
prometheus() {
  command -v prometheus >/dev/null 2>&1 && command -v promtool >/dev/null 2>&1
}

packages=$(missing)
lacks=$(echo "$packages" | tr -d ' ')
prometheus || lacks="$lacks prometheus"
[ -n "$lacks" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "peers: missing, and not installed (needs root and apt-get): $lacks" >&2
  exit 0
fi

# Debian's packages start their service when installed, unless this file says no. One that is there
# already is the administrator's and stays.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 130' INT TERM
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi

echo "peers: installing $lacks" >&2
export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
options='-qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0'
# shellcheck disable=SC2086 # lists of words
{
  apt-get $options update >&2 &&
    apt-get $options install -y --no-install-recommends $packages >&2
} || echo "peers: apt-get failed; going on without" >&2

# shellcheck disable=SC2086 # lists of words
if ! prometheus; then
  place=$(mktemp -d)
  (
    cd "$place" &&
      apt-get $options -o APT::Sandbox::User=root download prometheus >&2 &&
      dpkg-deb --fsys-tarfile prometheus_*.deb |
      tar -x -C /usr/local --strip-components=2 ./usr/bin/prometheus ./usr/bin/promtool
  ) || echo "peers: no prometheus; going on without" >&2
  rm -rf "$place"
fi

lacks=$(missing | tr -d '\n')
prometheus || lacks="$lacks prometheus"
[ -z "$(echo "$lacks" | tr -d ' ')" ] || echo "peers: still missing: $lacks" >&2
