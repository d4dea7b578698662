#pragma once

#include "payments/domain/values.hpp"
#include "storage/database.hpp"

#include <cstdint>
#include <string_view>

// How much an owner has of something, kept with each change so that a limit, a page's total or the
// next number costs one look. Written in the transaction of what is counted.
namespace postern::payments {

// Stored numbers: new values are added at the end only.
enum class Counted : std::uint8_t {
    payments,              // ever made: the last payment's number
    customers,             // not deleted
    balance_transactions,  // all lines
    payments_by_status,    // `value`: the R Commerce dialect's word
};

struct CountKey {
    Owner owner;
    Counted what = Counted::payments;
    std::string_view value = {};  // a part of it
};

// What it is then.
[[nodiscard]] Result<std::int64_t, storage::StoreError>
add_to_count(storage::Transaction& transaction, const CountKey& key, std::int64_t by);
[[nodiscard]] Result<std::int64_t, storage::StoreError>
read_count(storage::Connection& connection, const CountKey& key);

}  // namespace postern::payments
