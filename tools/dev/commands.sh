#!/usr/bin/env bash
# The commands of ./dev that are not tests.

command_run() {
    install_packages build
    build_product || die 'the build failed'
    exec build/postern serve "$@"
}

command_package() {
    install_packages 'build|package'
    build_package || die 'the package was not built'
    if [[ ${1:-} == --twice ]]; then build_package_elsewhere; fi
    ls build/release/package/postern_*
}

command_vectors() {
    (($# >= 1)) || die 'usage: ./dev vectors DIR [GATEWAY]'
    install_packages build
    build release vector_runner || die 'the build failed'
    exec build/release/tests/vectors/vector_runner "$@"
}

# A pipe: its standard output holds the answers and nothing else.
command_ssrf_judge() {
    { install_packages build && build release ssrf_judge; } >&2 || die 'the build failed'
    exec build/release/tests/tools/ssrf_judge "$@"
}

# Exact versions and no lock file: BullMQ's optional native parts differ from system to system, and
# a lock file that names no registry cannot hold them.
install_bench_peer() {
    local modules=bench/peer-node/node_modules
    [[ -d $modules/bullmq && -d $modules/pg ]] && return 0
    say 'installing the npm packages of bench/peer-node'
    npm install --prefix bench/peer-node --no-package-lock --omit=optional --no-audit --no-fund \
        --loglevel=error </dev/null >&2
}

command_bench() {
    local name=${1:-receive}
    [[ -f bench/$name.mjs ]] || die "no such benchmark: $name (bench/$name.mjs)"
    shift || true
    install_packages 'build|bench'
    build_product || die 'the build failed'
    build release load_generator delivery_sink backlog payment_backlog || die 'the build failed'
    install_bench_peer || die 'npm could not install the packages of bench/peer-node'
    exec node "bench/$name.mjs" "$@"
}

command_scenario() {
    local program=scenario_test
    if [[ ${1:-} == payments ]]; then
        program=payments_scenario_test
        shift
    elif [[ ${1:-} == cluster ]]; then
        program=cluster_scenario_test
        shift
    fi
    install_packages build
    build release "$program" || die 'the build failed'
    exec "build/release/tests/scenario/$program" "$@"
}

command_mutants() {
    install_packages 'build|test'
    run_mutants release "$@"
    summary
}

command_tidy() {
    command_test tidy
    [[ ${1:-} == --clang-tidy ]] || return 0
    # Clang 14 cannot read the coroutines of this standard library, so it looks at what the fuzz
    # preset builds: the modules without them, with Clang's own flags.
    install_packages 'fuzz|lint'
    configure fuzz
    run-clang-tidy-14 -quiet -p build/fuzz '/(core|config|verifiers|storage)/.*\.cpp$'
}

command_fmt() {
    install_packages test
    git ls-files -z '*.cpp' '*.hpp' | xargs -0 clang-format-14 -i
}
