#include "daemon/commands/check_books.hpp"

#include "payments/records/ledger_records.hpp"

namespace postern::daemon::commands {

Result<std::vector<std::string>, storage::StoreError> check_books(storage::Connection& connection) {
    return payments::audit_books(connection);
}

}  // namespace postern::daemon::commands
