#include "core/error_code_url.hpp"

#include <algorithm>

namespace postern {

std::string error_code_url(std::string_view code) {
    std::string url = "https://stripe.com/docs/error-codes/";
    url += code;
    std::replace(url.begin(), url.end(), '_', '-');
    return url;
}

}  // namespace postern
