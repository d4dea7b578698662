#pragma once

#include <atomic>

namespace postern::storage {

enum class FaultAt { nothing, write, sync, read, truncate };

// What the files of this process's databases do, for tests of what the store does then. It becomes
// SQLite's default file system at the first call and passes everything on until told otherwise.
struct FaultPlan {
    std::atomic<FaultAt> at = FaultAt::nothing;
    std::atomic<int> code = 0;       // what SQLite's file layer answers
    std::atomic<int> remaining = 0;  // calls that still work
    std::atomic<int> failures = 0;   // how many were made to fail
};
FaultPlan& fault_plan();

// One plan for one scope.
class ScopedFault {
 public:
    struct Options {
        FaultAt at;
        int code;
        int calls_before = 0;
    };
    explicit ScopedFault(Options options);
    ~ScopedFault();
    ScopedFault(const ScopedFault&) = delete;
    ScopedFault& operator=(const ScopedFault&) = delete;
    bool was_met() const { return fault_plan().failures > 0; }
};

}  // namespace postern::storage
