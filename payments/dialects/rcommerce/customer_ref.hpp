#pragma once

#include "payments/domain/customer.hpp"
#include "payments/failure.hpp"
#include "payments/work.hpp"

#include <optional>
#include <string_view>

namespace postern::payments::rcommerce {

bool is_uuid(std::string_view text);
// A UUID, which may be the shop's own, or "cus_…".
bool is_customer_spelling(const IdCodec& ids, std::string_view text);

// The customer, if the store knows it; a shop's own UUID is known from its first use on.
Done<std::optional<Customer>> known_customer(const Books& books, std::string_view spelled);

}  // namespace postern::payments::rcommerce
