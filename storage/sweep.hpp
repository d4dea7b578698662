#pragma once

#include "storage/database.hpp"

#include <algorithm>
#include <cstdint>

// Taking away what is old, a few rows at a time.
namespace postern::storage {

struct OldRows {
    TimePoint before;
    // Where the step before stopped. What has gone still lies at the front of an index until the
    // store tidies up, and each step would walk over all of it.
    std::int64_t after = 0;
};

struct SweptRows {
    std::int64_t rows = 0;
    std::int64_t reached = 0;
};

// Runs a statement that returns of each row that went what the next step begins after.
inline Result<SweptRows, StoreError> run_sweep(Query& query, const OldRows& old) {
    SweptRows swept{.reached = old.after};
    for (;;) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == Step::done) return swept;
        ++swept.rows;
        swept.reached = std::max(swept.reached, query.integer(0));
    }
}

}  // namespace postern::storage
