#pragma once

#include "payments/dialects/rcommerce/errors.hpp"
#include "payments/dialects/rcommerce/replies.hpp"
#include "payments/records/payment_records.hpp"

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::payments::rcommerce {

inline constexpr std::int64_t kPerPageDefault = 20;
inline constexpr std::int64_t kPerPageMax = 100;
inline constexpr std::int64_t kPageMax = 1'000'000'000;

// Reads a list's query parameter by parameter, remembers what was asked for, and collects every
// complaint by the name of its parameter, so that a caller sees all mistakes at once.
class Filters {
 public:
    explicit Filters(const Call& call);

    std::optional<std::string> text(std::string_view name);
    std::optional<std::string> word(std::string_view name, std::span<const std::string_view> words);
    // A decimal amount in thousandths, of any currency: a list may hold several.
    std::optional<std::int64_t> amount(std::string_view name);
    std::optional<TimePoint> time(std::string_view name);  // RFC 3339 or a date
    std::optional<TimePoint> date(std::string_view name);  // YYYY-MM-DD: its midnight, UTC
    NumberedPage page();                                   // page and per_page
    storage::Order order();
    std::optional<storage::GatewayNumber> gateway(const GatewayBook& gateways);

    void complain(std::string_view name, Text message);
    // Everything wrong, among it parameters that nobody asked for.
    std::optional<HttpReply> finish();

 private:
    struct Bounds {
        std::int64_t otherwise;
        std::int64_t max;
    };
    std::int64_t positive(std::string_view name, Bounds bounds);

    Audience audience_;
    std::map<std::string, std::string, std::less<>> values_;
    std::set<std::string, std::less<>> known_;
    std::vector<FieldFault> complaints_;
};

PageCount count_of(const NumberedPage& page, std::int64_t total);

}  // namespace postern::payments::rcommerce
