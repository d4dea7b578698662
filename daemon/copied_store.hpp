#pragma once

#include "core/result.hpp"
#include "storage/sqlite/store_inspection.hpp"

#include <filesystem>
#include <mutex>

namespace postern::daemon {

// Looks at every page, reference and sum of a store that nobody has open. A large one takes long.
class CopiedStoreCheck {
 public:
    // The complaint names the first thing that is wrong.
    Result<void, Complaint> run(const std::filesystem::path& directory);
    // Any thread, at any time: a run ends early, with a complaint. Said again until it has ended,
    // because between two statements nobody hears it.
    void give_up();

 private:
    class Watched;
    std::mutex mutex_;                                // guards what follows
    storage::StoreInspection* inspection_ = nullptr;  // while there is one
};

}  // namespace postern::daemon
