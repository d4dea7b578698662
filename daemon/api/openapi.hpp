#pragma once

#include <string_view>

namespace postern::daemon {

// daemon/api/openapi.json as it was when the program was built.
std::string_view openapi_document();

}  // namespace postern::daemon
