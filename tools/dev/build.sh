#!/usr/bin/env bash
# Builds: a preset's targets, the program, the package.

export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
export NINJA_STATUS='[%f/%t %es] '

# One compiler a core, but never more than memory allows: an Asio unit takes up to 3 GB.
job_count() {
    local memory_gib
    memory_gib=$(awk '/^MemTotal:/ { print int($2 / 1048576) }' /proc/meminfo)
    local by_memory=$((memory_gib / 3)) cores
    cores=$(nproc)
    ((by_memory < 1)) && by_memory=1
    echo $((cores < by_memory ? cores : by_memory))
}

# Ninja runs cmake again when a CMake file changed; the presets are the one input it cannot see.
configure() {
    local preset=$1 folder=build/$1
    [[ $folder/build.ninja -nt CMakePresets.json ]] && return 0
    say "configuring $preset"
    mkdir -p "$folder"
    cmake --preset "$preset" --log-level=WARNING >"$folder/configure.log" 2>&1 && return 0
    cat "$folder/configure.log" >&2
    return 1
}

# build_ahead 'PRESET [TARGET...]'...: one after the other in the background, since the tests that
# run meanwhile mostly wait and leave the cores idle. Whoever needs one of these presets waits for
# all.
build_ahead() {
    mkdir -p build
    (
        local wanted preset targets
        for wanted in "$@"; do
            read -r preset targets <<<"$wanted"
            read -ra targets <<<"$targets"
            configure "$preset"
            nice -n 19 ninja -C "build/$preset" -k 0 -j "$(job_count)" "${targets[@]}"
        done
    ) >build/ahead.log 2>&1 </dev/null &
    ahead=$!
    ahead_presets=" ${*%% *} "
    # shellcheck disable=SC2064  # this one, whatever is built ahead later
    trap "kill $ahead 2>/dev/null || true" EXIT
}

await_ahead() {
    [[ -n ${ahead:-} && $ahead_presets == *" $1 "* ]] || return 0
    say "waiting for what is built in the background (build/ahead.log)"
    wait "$ahead" || true
    ahead=
}

# build PRESET [TARGET...]
build() {
    local preset=$1
    shift
    await_ahead "$preset"
    configure "$preset" || return 1
    if ninja -C "build/$preset" -n "$@" 2>/dev/null | grep -q 'no work to do'; then return 0; fi
    say "building $preset"
    ninja -C "build/$preset" -j "$(job_count)" "$@" >&2
}

build_product() {
    build release postern || return 1
    ln -sfn release/daemon/postern build/postern
}

# The package and the list of its components, in build/release/package. Its files have the time of
# the release, not of the build: the same source gives the same bytes.
build_package() {
    local folder=build/release/package file
    build release package_files || return 1
    rm -rf "$folder"
    mkdir -p "$folder"
    local released
    released=$(sed -n 's/^ -- .*>  //p' packaging/debian/changelog | head -n 1)
    SOURCE_DATE_EPOCH=$(date -d "$released" +%s)
    export SOURCE_DATE_EPOCH
    cpack --config build/release/CPackConfig.cmake >build/package.log 2>&1 \
        || { cat build/package.log >&2; return 1; }
    file=$(package_file)
    node packaging/sbom.mjs build/release >"${file%.deb}.cdx.json"
}

package_file() { echo build/release/package/postern_*.deb; }

# Everything from the beginning, in a folder with another name and without what ccache remembers.
build_package_elsewhere() {
    local folder=build/elsewhere/with-another-name file
    file=$(package_file)
    rm -rf build/elsewhere
    mkdir -p "$folder"
    git ls-files -z | xargs -0 cp --parents -t "$folder"
    CCACHE_DISABLE=1 "$folder/dev" package >&2 || die 'the second build failed'
    for file in "$file" "${file%.deb}.cdx.json"; do
        cmp "$file" "$folder/$file" || die 'the two builds differ'
    done
    say 'two builds in two folders gave the same bytes'
    rm -rf build/elsewhere
}
