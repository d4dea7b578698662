#include "daemon/commands/check_books.hpp"

namespace postern::daemon::commands {

Result<std::vector<std::string>, storage::StoreError> check_books(storage::Connection&) {
    return std::vector<std::string>{};
}

}  // namespace postern::daemon::commands
