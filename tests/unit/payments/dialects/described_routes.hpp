#pragma once

#include "payments/api.hpp"

#include <set>
#include <span>
#include <string>
#include <string_view>

namespace postern::payments {

// "GET /v1/customers/{id}", with " open" behind it where nobody needs a key.
using Operations = std::set<std::string>;

Operations described_operations(std::string_view openapi_json);
Operations routed_operations(std::span<const Route> routes);

// Those that need a key and do not describe the refusal of one.
Operations without_refusals(std::string_view openapi_json);

}  // namespace postern::payments
