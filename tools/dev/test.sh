#!/usr/bin/env bash
# Each kind of test, and which of them a command runs.

# run_ctest NAME PRESET [CTEST ARGUMENTS...]
run_ctest() {
    local name=$1 preset=$2 prefix=() good bad status=0
    shift 2
    # ThreadSanitizer cannot map its shadow where a new kernel randomises addresses too widely.
    if [[ $preset == tsan ]] && setarch -R true 2>/dev/null; then prefix=(setarch -R); fi
    local log=build/$preset/Testing/Temporary/LastTest.log
    rm -f "$log"
    "${prefix[@]}" ctest --preset "$preset" -j "$(job_count)" --output-on-failure "$@" >&2 \
        || status=$?
    read -r good bad < <(ctest_totals "$log" 2>/dev/null || echo '0 1')
    if ((status != 0 && bad == 0)); then bad=1; fi
    if ((bad > 0)); then
        tell_failures "$name" "$log" \
            ': Failure$|^\[  FAILED  \] .* ms\)|SUMMARY: |ERROR: |^Test F' 5
    fi
    count "$name" "$good" "$bad"
}

run_tidy() {
    build "$1" tidy_test || { could_not 'build the tidy test'; return 0; }
    run_ctest tidy "$1" -R '^tidy$'
}

run_unit() {
    build "$1" all || { could_not "build $1"; return 0; }
    run_ctest "unit ($1)" "$1" -E '^(tidy|scenario|cluster_scenario|payments_scenario)$'
}

# The modules that make threads and hand things from one to another; the others are called by them.
threaded_modules=(net redis storage cluster dispatch)
run_threads() {
    build tsan "${threaded_modules[@]/%/_test}" || { could_not 'build tsan'; return 0; }
    local modules
    modules=$(IFS='|'; echo "${threaded_modules[*]}")
    run_ctest 'unit (tsan)' tsan -R "^($modules)\$"
}

# run_scenario PRESET [ARGUMENTS...]: delivery, several nodes, and payments in simulated worlds, one
# a seed.
run_scenario() {
    local preset=$1 program
    shift
    build "$preset" scenario_test cluster_scenario_test payments_scenario_test \
        || { could_not 'build the simulations'; return 0; }
    for program in scenario cluster_scenario payments_scenario; do
        run_simulation "$preset" "$program" "$@"
    done
}

# run_simulation PRESET PROGRAM [ARGUMENTS...]: one of them, which is built.
run_simulation() {
    local preset=$1 program=$2 log=build/$2-$1.log
    shift 2
    "build/$preset/tests/scenario/${program}_test" "$@" | tee "$log" >&2 || true
    counted "$program ($preset)" "$log"
}

# run_mutants PRESET [--built] [NAMES...]: plants each fault and wants a test to notice; with
# --built those whose test is there already.
run_mutants() {
    local preset=$1
    shift
    if [[ ${1:-} != --built ]]; then
        build "$preset" all || { could_not "build $preset"; return 0; }
    fi
    node tests/mutants/run.mjs --build="build/$preset" "$@" </dev/null \
        | tee build/mutants.log >&2 || true
    counted mutants build/mutants.log
}

# The shared vectors are not part of this repository; the project's own tests do without them.
run_vectors() {
    local folder=${POSTERN_VECTORS:-../shared/vectors}
    [[ -d $folder ]] || { say "vectors: no $folder here, skipped"; return 0; }
    build "$1" vector_runner || { could_not 'build the vector runner'; return 0; }
    "build/$1/tests/vectors/vector_runner" "$folder" | tee build/vectors.log >&2 || true
    passed_of vectors build/vectors.log
}

# npm_ci FOLDER: installs what the folder's lock file names, unless that is what is there.
npm_ci() {
    local lock=$1/package-lock.json stamp=$1/node_modules/.installed-lock.json
    cmp -s "$lock" "$stamp" && return 0
    say "installing the npm packages of $1"
    npm ci --prefix "$1" --no-audit --no-fund --loglevel=error </dev/null >&2 || return 1
    mkdir -p "$1/node_modules"
    cp "$lock" "$stamp"
}

# The providers' own libraries ask for Node 20 at least, and Debian 12 has 18: npm has the rest.
node_20() {
    if (($(node -p 'process.versions.node.split(".")[0]') >= 20)); then
        echo node
        return
    fi
    if [[ ! -x build/node/node_modules/.bin/node ]]; then
        say 'installing Node 20 into build/node'
        npm install --prefix build/node --no-audit --no-fund --loglevel=error 'node@20' \
            </dev/null >&2 || return 1
    fi
    echo build/node/node_modules/.bin/node
}

# One more file of tests at a time than there are cores: they mostly wait.
files_at_once() { echo --test-concurrency=$(($(job_count) + 1)); }

# run_node_tests NAME LOG COMMAND...: a command that runs node --test.
run_node_tests() {
    local name=$1 log=$2 good bad
    shift 2
    "$@" </dev/null | tee "$log" >&2 || true
    good=$(sed -nE 's/^(#|ℹ) pass ([0-9]+)$/\2/p' "$log" | tail -n 1)
    bad=$(sed -nE 's/^(#|ℹ) (fail|cancelled) ([0-9]+)$/\3/p' "$log" \
        | awk '{ n += $1 } END { print n }')
    [[ -n $good && -n $bad ]] || { could_not "run: $name"; return 0; }
    count "$name" "$good" "$bad"
    tell_failures "$name" "$log" '^ *(not ok|✖) ' 25
}

# tests_but PATTERN: the files of the integration tests whose names do not match.
tests_but() { printf '%s\n' tests/integration/*.test.mjs | grep -v "$1"; }

# run_integration PRESET: the tests drive the program that POSTERN_BINARY names. First with SQLite,
# and then with PostgreSQL, where many nodes are tested too.
run_integration() {
    local preset=$1 node embedded many at_once
    build "$preset" postern postern_next event_texts || { could_not 'build the daemon'; return 0; }
    npm_ci tests/integration || { could_not 'install the npm packages'; return 0; }
    node=$(node_20) || { could_not 'install Node 20'; return 0; }
    local kept=build/integration-kept
    rm -rf "$kept"
    mkdir -p "$kept"
    at_once=$(files_at_once)
    mapfile -t embedded < <(tests_but /cluster_)
    mapfile -t many < <(tests_but /lib_servers)
    export POSTERN_BINARY=$PWD/build/$preset/daemon/postern
    POSTERN_TEST_KEEP=$PWD/$kept \
        run_node_tests integration build/integration.log "$node" --test "$at_once" "${embedded[@]}"
    run_node_tests 'integration on PostgreSQL' build/integration-postgres.log \
        "$node" tests/integration/with_postgres.mjs "$node" --test "$at_once" "${many[@]}"
    export -n POSTERN_BINARY
    local event_texts=build/$preset/tests/tools/event_texts
    "$node" tests/integration/secrets_sweep.mjs "$kept" "$event_texts" \
        | tee build/secrets.log >&2 || true
    counted 'secrets left behind' build/secrets.log
    rm -rf "$kept"
}

# run_package: the package as its users meet it, and the program in it as an attacker does.
run_package() {
    build_package || { could_not 'build the package'; return 0; }
    POSTERN_BINARY=$PWD/build/release/daemon/postern POSTERN_PACKAGE=$PWD/$(package_file) \
        run_node_tests package build/package-tests.log node --test tests/package/*.test.mjs
    tests/package/life.sh "$(package_file)" </dev/null | tee build/package-life.log >&2 || true
    passed_of 'package, from install to purge' build/package-life.log
}

# run_fuzz SECONDS: each target for that long. What it finds new is kept for the next run.
run_fuzz() {
    command -v clang++-14 >/dev/null || { say 'fuzz: no clang++-14 here, skipped'; return 0; }
    build fuzz fuzz_all || { could_not 'build the fuzz targets'; return 0; }
    node tests/fuzz/run.mjs --seconds="$1" --jobs="$(job_count)" </dev/null \
        | tee build/fuzz.log >&2 || true
    passed_of fuzz build/fuzz.log
}

# What a submission must pass. The product's own build is the one that is driven from outside; the
# unit tests run under AddressSanitizer and nowhere else, since whatever is built twice takes twice
# as long.
run_ci() {
    install_packages 'build|test|fuzz|package'
    build_product || could_not 'build the product'
    build release bench_all || could_not 'build the benchmarks'
    run_tidy release
    run_scenario release
    run_mutants release --built
    run_vectors release
    build_ahead 'asan all' "tsan ${threaded_modules[*]/%/_test}" 'fuzz fuzz_all'
    run_integration release
    run_package
    run_unit asan
    run_simulation asan scenario --seeds 40
    run_simulation asan cluster_scenario --seeds 4
    run_simulation asan payments_scenario --seeds 40
    run_threads
    run_fuzz 5
}

command_test() {
    forget_failures
    case ${1:-all} in
        --ci) run_ci ;;
        fuzz) install_packages 'build|fuzz'; run_fuzz 10 ;;
        tidy) install_packages 'build|test'; run_tidy dev ;;
        unit) install_packages build; run_unit dev ;;
        vectors) install_packages build; run_vectors dev ;;
        scenario) install_packages build; run_scenario dev ;;
        package) install_packages 'build|package'; run_package ;;
        asan | tsan) install_packages build; run_unit "$1" ;;
        integration)
            install_packages 'build|test'
            run_integration dev ;;
        all | --sanitizers)
            install_packages 'build|test'
            run_tidy dev
            run_unit dev
            run_scenario dev
            run_vectors dev
            run_integration dev
            if [[ ${1:-} == --sanitizers ]]; then run_unit asan; run_unit tsan; fi ;;
        *)
            die "no such tests: $1" \
                "(unit tidy scenario vectors integration package asan tsan fuzz --sanitizers)"
            ;;
    esac
    summary
}
