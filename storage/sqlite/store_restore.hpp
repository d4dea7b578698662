#pragma once

#include "core/result.hpp"
#include "storage/sqlite/data_directory.hpp"

#include <filesystem>
#include <string>

namespace postern::storage {

// Puts a store into a data directory that no daemon has open, so that at each moment there is the
// old one, the new one, or none that a daemon would take for a whole one. The caller writes the new
// database into the staging directory and looks at it there.
class StoreRestore {
 public:
    enum class Existing { refused, set_aside };
    // Takes the directory's lock, which it holds to its end, and makes the staging directory.
    [[nodiscard]] static Result<StoreRestore, OpenFailure>
    begin(const std::filesystem::path& directory, Existing existing);

    std::filesystem::path staging() const {
        return directory_.path() / DataDirectory::kRestoreName;
    }
    // Removes what was staged: nothing has changed.
    void give_up() const;

    struct SetAside {
        std::filesystem::path folder;  // empty: there was no store
    };
    // `moment` is in the name of the folder that the old store is moved to.
    [[nodiscard]] Result<SetAside, OpenFailure> take_place(std::string_view moment) const;

 private:
    explicit StoreRestore(DataDirectory directory) : directory_{std::move(directory)} {}

    [[nodiscard]] Result<SetAside, OpenFailure> set_old_aside(std::string_view moment) const;

    DataDirectory directory_;
};

}  // namespace postern::storage
