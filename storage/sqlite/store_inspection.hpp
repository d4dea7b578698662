#pragma once

#include "storage/database.hpp"
#include "storage/migrations.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace postern::storage {

// A store that no daemon has open, to be looked at: nothing in it changes, and no daemon can open
// it meanwhile.
class StoreInspection {
 public:
    virtual ~StoreInspection() = default;
    virtual Connection& connection() = 0;
    // What is wrong with the files themselves, a sentence each; none: they are in order. Reads
    // every page.
    [[nodiscard]] virtual Result<std::vector<std::string>, StoreError> find_damage() = 0;
    // Any thread: what is being read ends with an error. Between two statements it does nothing, so
    // whoever must be heard says it again.
    virtual void interrupt() = 0;
};

// Makes no store where there is none, and takes only one whose schema is this program's. The
// complaint is a sentence for the operator.
[[nodiscard]] Result<std::unique_ptr<StoreInspection>, OpenFailure> inspect_sqlite(
    const std::filesystem::path& directory
);

}  // namespace postern::storage
