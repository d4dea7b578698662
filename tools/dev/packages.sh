#!/usr/bin/env bash
# Installs what a command needs and the system lacks: the rows of packages.txt.

# The table's column for this system, or nothing where we do not know its package names.
system_column() {
    case $(sed -nE 's/^(ID|VERSION_ID)=//p' /etc/os-release | tr -d '"' | sort -r | tr '\n' ' ') in
        'debian 12 ') echo 3 ;;
        'debian 13 ') echo 4 ;;
        'ubuntu 24.04 ') echo 5 ;;
    esac
}

# The packages of some groups, as an alternation, that neither a program nor dpkg shows to be there.
missing_packages() {
    local column=$1 groups=$2 program package wanted=()
    while read -r program package; do
        [[ $package == - ]] && continue
        [[ $program != - ]] && command -v "$program" >/dev/null && continue
        wanted+=("$package")
    done < <(awk -F' *[|] *' -v column="$column" -v groups="^($groups)\$" \
        '$1 ~ groups { sub(/ +$/, "", $column); print $2, $column }' tools/dev/packages.txt)
    ((${#wanted[@]})) || return 0
    comm -23 <(printf '%s\n' "${wanted[@]}" | sort -u) \
        <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null \
            | sed -n 's/^installed //p' | sort -u)
}

install_packages() {
    local column missing as_root=()
    column=$(system_column)
    if [[ -z $column ]]; then
        say 'no package names are known for this system: see tools/dev/packages.txt'
        return
    fi
    mapfile -t missing < <(missing_packages "$column" "$1")
    ((${#missing[@]})) || return 0
    if ((EUID != 0)); then
        command -v sudo >/dev/null || die "as root, run: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    say "installing ${missing[*]}"
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq
        -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300)
    "${apt[@]}" update </dev/null
    "${apt[@]}" install --yes --no-install-recommends "${missing[@]}" </dev/null >/dev/null
}
