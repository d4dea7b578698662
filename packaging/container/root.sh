#!/usr/bin/env bash
# The files of a container image: the program, what it is linked with, and nothing to log in to or
# install with. The Containerfile makes its image of them, and a test runs the program among them.
#   packaging/container/root.sh PROGRAM FOLDER
set -euo pipefail
program=$(realpath "${1:?usage: root.sh PROGRAM FOLDER}")
folder=$(realpath -m "${2:?usage: root.sh PROGRAM FOLDER}")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
umask 022

# Each library and the loader, where the program and the kernel look for them.
libraries() {
    local linked
    linked=$(ldd "$program")
    if grep 'not found' <<<"$linked" >&2; then return 1; fi
    sed -nE 's/^.*\s(\/\S+) \(0x[0-9a-f]+\)$/\1/p' <<<"$linked"
}

# The package that a library is of. It may be listed as it was before /lib became a link.
package_of() {
    { dpkg-query --search "$1" || dpkg-query --search "/usr$1"; } 2>/dev/null | sed 's/:.*//;q'
}

# Whoever passes an image on passes on its libraries: their licences go with them.
copy_library() {
    local package
    package=$(package_of "$1") || { echo "root.sh: no package has $1" >&2; exit 1; }
    install -D -m 0755 "$1" "$folder$1"
    install -D -m 0644 -t "$folder/usr/share/doc/$package" "/usr/share/doc/$package/copyright"
}

copy_program() {
    install -D -m 0755 "$program" "$folder/usr/bin/postern"
    strip "$folder/usr/bin/postern"
    install -D -m 0644 -t "$folder/usr/share/doc/postern" debian/copyright
}

# Where OpenSSL looks for those whom it believes, and what this image believes at first.
copy_authorities() {
    install -D -m 0644 -t "$folder/etc/ssl/certs" /etc/ssl/certs/ca-certificates.crt
    install -d "$folder/usr/lib/ssl"
    ln -sfn /etc/ssl/certs/ca-certificates.crt "$folder/usr/lib/ssl/cert.pem"
    ln -sfn /etc/ssl/certs "$folder/usr/lib/ssl/certs"
}

write_settings() {
    install -D -m 0644 -t "$folder/etc/postern" container/postern.toml
    echo 'postern:x:10001:10001:Postern:/var/lib/postern:/nonexistent' >"$folder/etc/passwd"
    echo 'postern:x:10001:' >"$folder/etc/group"
}

[[ ! -e $folder || -z $(ls -A "$folder") ]] || { echo "root.sh: $folder is not empty" >&2; exit 1; }
copy_program
found=$(libraries)
while read -r library; do copy_library "$library"; done <<<"$found"
copy_authorities
write_settings
