#pragma once

#include "core/result.hpp"
#include "storage/sqlite/data_directory.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace postern::daemon {

// The data directory of a node, in which one process runs at a time. Its name, which is another on
// another machine and after another boot, lets a process that starts here know what the one before
// it left in the store, which can no longer be at work.
class NodeHome {
 public:
    static Result<NodeHome, Complaint>
    open(const std::filesystem::path& folder, std::string_view machine);

    const std::string& name() const { return name_; }

 private:
    NodeHome(storage::DataDirectory directory, std::string name)
        : directory_{std::move(directory)}, name_{std::move(name)} {}

    storage::DataDirectory directory_;  // its lock goes with this
    std::string name_;
};

}  // namespace postern::daemon
