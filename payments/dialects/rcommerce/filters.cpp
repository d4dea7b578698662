#include "payments/dialects/rcommerce/filters.hpp"

#include "core/numbers.hpp"

#include <algorithm>

namespace postern::payments::rcommerce {
namespace {

// Ids hold milliseconds in 43 bits, so a moment outside cannot become a border in a table.
constexpr TimePoint kTimeMin = from_unix_seconds(0);
constexpr TimePoint kTimeMax = from_unix_seconds(7'258'118'400);  // 2200-01-01
constexpr std::size_t kDateLength = 10;

// '+' is a space in a query, and the offset of a time is often sent without escaping it.
std::string with_plus_offset(std::string text) {
    const auto time = text.find('T');
    const auto space = time == std::string::npos ? time : text.find(' ', time);
    if (space != std::string::npos) text[space] = '+';
    return text;
}

std::optional<TimePoint> moment_of(const std::string& text) {
    const auto moment = from_iso8601(with_plus_offset(text));
    if (!moment || *moment < kTimeMin || *moment > kTimeMax) return std::nullopt;
    return moment;
}

}  // namespace

Filters::Filters(const Call& call) : audience_{audience_of(call)} {
    auto pairs = parse_form(call.request.query);
    if (!pairs) {
        complain("query", Text::query_not_decodable);
        return;
    }
    for (auto& [name, value] : *pairs) {
        const auto [place, added] = values_.emplace(std::move(name), std::move(value));
        if (!added) complain(place->first, Text::given_twice);
    }
}

std::optional<std::string> Filters::text(std::string_view name) {
    known_.emplace(name);
    const auto found = values_.find(name);
    if (found == values_.end()) return std::nullopt;
    if (!found->second.empty()) return found->second;
    complain(name, Text::empty_text);
    return std::nullopt;
}

std::optional<std::string>
Filters::word(std::string_view name, std::span<const std::string_view> words) {
    auto sent = text(name);
    if (!sent || std::find(words.begin(), words.end(), *sent) != words.end()) return sent;
    std::string choices;
    for (const std::string_view word : words) {
        if (!choices.empty()) choices += ", ";
        choices += word;
    }
    complaints_.push_back(
        {std::string{name}, rcommerce::text(Text::not_one_of, audience_.language, {choices})}
    );
    return std::nullopt;
}

std::optional<std::int64_t> Filters::amount(std::string_view name) {
    const auto sent = text(name);
    if (!sent) return std::nullopt;
    const auto thousandths = thousandths_from_decimal(*sent);
    if (!thousandths) complain(name, Text::not_a_decimal);
    return thousandths;
}

std::optional<TimePoint> Filters::time(std::string_view name) {
    const auto sent = text(name);
    if (!sent) return std::nullopt;
    const auto moment = moment_of(*sent);
    if (!moment) complain(name, Text::not_a_time);
    return moment;
}

std::optional<TimePoint> Filters::date(std::string_view name) {
    const auto sent = text(name);
    if (!sent) return std::nullopt;
    const auto midnight = sent->size() == kDateLength ? moment_of(*sent) : std::nullopt;
    if (!midnight) complain(name, Text::not_a_date);
    return midnight;
}

std::int64_t Filters::positive(std::string_view name, Bounds bounds) {
    const auto sent = text(name);
    if (!sent) return bounds.otherwise;
    const auto number = parse_integer(*sent);
    if (number && *number >= 1 && *number <= bounds.max) return *number;
    const std::string max = std::to_string(bounds.max);
    complaints_.push_back(
        {std::string{name},
         rcommerce::text(Text::not_a_whole_number, audience_.language, {"1", max})}
    );
    return bounds.otherwise;
}

NumberedPage Filters::page() {
    NumberedPage page;
    page.page = positive("page", {.otherwise = 1, .max = kPageMax});
    page.per_page = positive("per_page", {.otherwise = kPerPageDefault, .max = kPerPageMax});
    return page;
}

storage::Order Filters::order() {
    constexpr std::string_view words[] = {"asc", "desc"};
    const auto sent = word("order", words);
    return sent == "asc" ? storage::Order::oldest_first : storage::Order::newest_first;
}

std::optional<storage::GatewayNumber> Filters::gateway(const GatewayBook& gateways) {
    const auto sent = text("gateway");
    if (!sent) return std::nullopt;
    const PaymentGateway* gateway = gateways.find(*sent);
    if (gateway != nullptr) return gateway->number;
    complain("gateway", Text::not_a_gateway);
    return std::nullopt;
}

void Filters::complain(std::string_view name, Text message) {
    complaints_.push_back(
        {std::string{name}, std::string{rcommerce::text(message, audience_.language)}}
    );
}

std::optional<HttpReply> Filters::finish() {
    for (const auto& [name, value] : values_) {
        if (known_.find(name) == known_.end()) complain(name, Text::unknown_parameter);
    }
    if (complaints_.empty()) return std::nullopt;
    return rc_error(
        audience_, {.code = ErrorCode::validation_error, .details = std::move(complaints_)}
    );
}

PageCount count_of(const NumberedPage& page, std::int64_t total) {
    return {.total = total, .page = page.page, .per_page = page.per_page};
}

}  // namespace postern::payments::rcommerce
