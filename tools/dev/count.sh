#!/usr/bin/env bash
# How many cases passed and failed, and what the failures said.

passed=0
failed=0

# What a runner said of what failed, told again at the end: a log of an hour hides it.
readonly failures=build/failures.log

forget_failures() { rm -f "$failures"; }

# tell_failures NAME LOG PATTERN [LINES]: keeps LOG's lines of PATTERN, each with LINES after it.
tell_failures() {
    mkdir -p build
    { grep -aE -A "${4:-0}" "$3" "$2" 2>/dev/null || true; } | head -n 80 \
        | sed "s/^/$1: /" >>"$failures"
}

# count NAME PASSED FAILED: adds a runner's cases to the total.
count() {
    passed=$((passed + $2))
    failed=$((failed + $3))
    say "$1: $2 passed, $3 failed"
}

could_not() {
    failed=$((failed + 1))
    mkdir -p build
    printf 'could not %s\n' "$1" >>"$failures"
    say "FAILED: could not $1"
}

# passed_of NAME FILE: counts what a runner's last line says, "passed P of N".
passed_of() {
    if [[ $(tail -n 1 "$2") =~ ^passed\ ([0-9]+)\ of\ ([0-9]+)$ ]]; then
        count "$1" "${BASH_REMATCH[1]}" $((BASH_REMATCH[2] - BASH_REMATCH[1]))
        tell_failures "$1" "$2" '^fail|FAILED|ERROR: ' 3
    else
        could_not "run: $1"
    fi
}

# counted NAME FILE: counts what a runner's last line says, "N passed, N failed".
counted() {
    if [[ $(tail -n 1 "$2") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
        count "$1" "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
        tell_failures "$1" "$2" 'FAILED' 3
    else
        could_not "run: $1"
    fi
}

# Adds up what each binary of a ctest log says; one that says nothing countable is one case.
ctest_totals() {
    awk '
        function close_test() {
            if (!open) return
            bad = ran - good - skipped
            if (fine && !ran) good = 1
            if (!fine && bad < 1) bad = 1
            passed += good; failed += bad; open = 0
        }
        /^[0-9]+\/[0-9]+ Testing: / { close_test(); open = 1; ran = good = skipped = fine = 0 }
        /^\[==========\] [0-9]+ tests? from/ { ran += $2 }
        /^\[  PASSED  \] [0-9]+ test/ { good += $4 }
        /^\[  SKIPPED \] [0-9]+ test/ { skipped += $4 }
        /^Test Passed/ { fine = 1 }
        END { close_test(); print passed + 0, failed + 0 }' "$1"
}

summary() {
    if ((failed > 0)) && [[ -s $failures ]]; then
        say 'what failed, once more:'
        cat "$failures" >&2
    fi
    printf '%d passed, %d failed\n' "$passed" "$failed"
    ((failed == 0 && passed > 0))
}
