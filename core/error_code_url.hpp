#pragma once

#include <string>
#include <string_view>

namespace postern {

// Where an error code of the Stripe dialect is explained: what its envelopes say as doc_url.
std::string error_code_url(std::string_view code);

}  // namespace postern
