#pragma once

#include <string_view>

// What the dialects say about themselves, OpenAPI 3.1, as it was when the program was built:
// payments/dialects/*/openapi.json, which payments/dialects/openapi/write.mjs writes.
namespace postern::payments {

std::string_view onerway_description();
std::string_view rcommerce_description();

}  // namespace postern::payments
