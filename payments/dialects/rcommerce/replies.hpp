#pragma once

#include "payments/dialects/rcommerce/errors.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace postern::payments::rcommerce {

inline constexpr int kOk = 200;
inline constexpr int kCreated = 201;

HttpReply rc_json(const Audience& audience, int status, std::string body);

struct PageCount {
    std::int64_t total = 0;
    std::int64_t page = 1;
    std::int64_t per_page = 20;
};
// {"data":[…],"meta":{request_id, timestamp, pagination{…}}}; `rows` is the JSON array.
HttpReply rc_list(const Audience& audience, const PageCount& count, std::string_view rows);

}  // namespace postern::payments::rcommerce
