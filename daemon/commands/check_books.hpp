#pragma once

#include "storage/database.hpp"

#include <string>
#include <vector>

namespace postern::daemon::commands {

// A sentence for each thing that is wrong with the payment API's books. By itself, because a daemon
// without the payment API has nobody who can read them.
[[nodiscard]] Result<std::vector<std::string>, storage::StoreError> check_books(
    storage::Connection& connection
);

}  // namespace postern::daemon::commands
