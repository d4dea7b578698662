#include "payments/dialects/rcommerce/customer_ref.hpp"

#include "payments/service/customer_service.hpp"

namespace postern::payments::rcommerce {
namespace {

constexpr std::size_t kUuidLength = 36;

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

}  // namespace

bool is_uuid(std::string_view text) {
    if (text.size() != kUuidLength) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
    }
    return true;
}

bool is_customer_spelling(const IdCodec& ids, std::string_view text) {
    return is_uuid(text) || read_id<CustomerId>(ids, text).has_value();
}

Done<std::optional<Customer>> known_customer(const Books& books, std::string_view spelled) {
    auto found = find_spelled_customer(books, spelled);
    if (found) return std::optional{std::move(*found)};
    if (found.error().refusal() == nullptr) return found.error();
    return std::optional<Customer>{};
}

}  // namespace postern::payments::rcommerce
