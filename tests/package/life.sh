#!/usr/bin/env bash
# A package's life in a clean root: installed, configured, upgraded, removed, purged. Needs root and
# debootstrap, which fetches the system's packages; where either is missing it says so and skips.
#   tests/package/life.sh PACKAGE
# shellcheck disable=SC2317  # the checks are called by name
set -euo pipefail
package=$(realpath "${1:?usage: tests/package/life.sh PACKAGE}")
readonly package

skip() {
    printf 'life.sh: skipped: %s\npassed 0 of 0\n' "$1"
    exit 0
}
((EUID == 0)) || skip 'only root can make a clean root'
command -v debootstrap >/dev/null || skip 'debootstrap is not here'

folder=$(mktemp -d)
# An interrupted debootstrap leaves what it mounted.
clean_up() {
    if mountpoint -q "$folder/root/proc"; then umount "$folder/root/proc"; fi
    rm -rf --one-file-system "$folder"
}
trap clean_up EXIT
shipped=$(dpkg-deb --fsys-tarfile "$package" | tar -t)
readonly shipped root=$folder/root conf=/etc/postern/postern.toml data=/var/lib/postern
passed=0 checks=0

make_root() {
    debootstrap --variant=minbase "$1" "$root" >"$folder/log" 2>&1 \
        || { tail -n 5 "$folder/log"; skip "debootstrap could not make $1"; }
    cp "$package" "$root/tmp/postern.deb"
    inside apt-get -qq update >"$folder/log" 2>&1 \
        || { tail -n 5 "$folder/log"; skip 'the clean root reaches no packages'; }
}

inside() {
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive \
        ${http_proxy:+http_proxy="$http_proxy"} chroot "$root" "$@"
}

# With what it depends on, as a user does it.
install_with_dependencies() {
    inside apt-get -qq -o Acquire::Retries=3 install --yes --no-install-recommends /tmp/postern.deb
}
install_file() { cp "$1" "$root/tmp/postern.deb"; inside dpkg --force-confold -i /tmp/postern.deb; }
ships() { grep -qxF ".$1" <<<"$shipped"; }

# check SENTENCE COMMAND...: one case, quiet unless it fails.
check() {
    local sentence=$1
    shift
    checks=$((checks + 1))
    if "$@" >"$folder/log" 2>&1; then
        passed=$((passed + 1))
        printf 'ok %s\n' "$sentence"
    else
        printf 'FAILED %s\n' "$sentence"
        sed 's/^/    /' "$folder/log"
    fi
}

# The same package as its successor, with one line more in its configuration.
make_successor() {
    local tree=$folder/successor
    dpkg-deb --raw-extract "$package" "$tree"
    sed -i -E 's/^(Version: .*)$/\1.1/' "$tree/DEBIAN/control"
    echo '# A line of the next version.' >>"$tree$conf"
    sed -i '/postern.toml$/d' "$tree/DEBIAN/md5sums"
    dpkg-deb --build "$tree" "$folder/successor.deb" >/dev/null
}

is_as_shipped() {
    dpkg-deb --fsys-tarfile "$package" | tar -xO ".$conf" | cmp - "$root$conf"
}

# The service reads it, and nobody else: the group is there when the package makes it.
is_private() {
    local group=root
    if ships /usr/lib/sysusers.d/postern.conf; then group=postern; fi
    [[ $(inside stat -c '%a %U %G' "$conf") == "640 root $group" ]]
}

is_enabled() { [[ -n $(find "$root/etc/systemd/system" -name "$1" -path '*.wants/*') ]]; }
is_edited() { grep -q '^# An edit' "$root$conf"; }
is_there() { [[ -e $root$1 ]]; }
is_gone() { [[ ! -e $root$1 && ! -L $root$1 ]]; }
has_state() { [[ $(<"$root$data/store.db") == 'payments' ]]; }
says_that_data_stays() { inside dpkg --purge postern 2>&1 | grep "$data is kept"; }

# Every file of the package is gone, but what dpkg and others share is not looked at.
nothing_is_left() {
    local left
    left=$(sed -n '/[^/]$/s/^\.//p' <<<"$shipped" \
        | while read -r file; do is_gone "$file" || echo "$file"; done
        find "$root/etc" "$root/var/lib/systemd" -name '*postern*' 2>/dev/null || true)
    [[ -z $left ]] || { echo "$left"; return 1; }
}

install_it() {
    check 'it installs in a clean root' install_with_dependencies
    check 'the program runs' inside postern version
    check 'the configuration is as shipped' is_as_shipped
    check 'the configuration is for root and the service only' is_private
    check 'the configuration is in order' inside postern check --config "$conf"
    if ships /usr/lib/sysusers.d/postern.conf; then
        check 'the user of the service is there' inside getent passwd postern
    fi
    for unit in postern.socket postern.service; do
        if ships "/usr/lib/systemd/system/$unit"; then
            check "$unit starts with the system" is_enabled "$unit"
        fi
    done
}

upgrade_it() {
    mkdir -p "$root$data"
    echo payments >"$root$data/store.db"
    echo '# An edit' >>"$root$conf"
    check 'it is upgraded' install_file "$folder/successor.deb"
    check 'an upgrade keeps an edited configuration' is_edited
    check 'an upgrade keeps the state' has_state
    check 'an upgrade shows the new configuration beside it' is_there "$conf.dpkg-dist"
    check 'the upgraded program runs' inside postern version
}

remove_it() {
    check 'it is removed' inside dpkg --remove postern
    check 'the program is gone' is_gone /usr/bin/postern
    check 'removal keeps the configuration' is_edited
    check 'removal keeps the state' has_state
    check 'it is installed again' install_file "$package"
    check 'the edited configuration is still there' is_edited
}

purge_it() {
    check 'it is purged, and says that the data stays' says_that_data_stays
    check 'the purge took the configuration' is_gone /etc/postern
    check 'the purge kept the state' has_state
    rm "$root$data/store.db"
    check 'it is installed once more' install_file "$package"
    check 'a new installation has the configuration as shipped' is_as_shipped
    check 'it is purged with nothing to keep' inside dpkg --purge postern
    check 'an empty folder for data goes with it' is_gone "$data"
    check 'nothing of it is left' nothing_is_left
}

# shellcheck source=/dev/null
make_root "$(. /etc/os-release && echo "$VERSION_CODENAME")"
make_successor
install_it
upgrade_it
remove_it
purge_it
printf 'passed %d of %d\n' "$passed" "$checks"
