#include "dispatch/event_type_names.hpp"

#include "core/http_message.hpp"
#include "core/settings.hpp"
#include "core/unified_event.hpp"
#include "dispatch/event_body.hpp"

#include <algorithm>
#include <functional>
#include <set>

namespace postern::dispatch {
namespace {

using Names = std::set<std::string, std::less<>>;

// A merchant's own "order.created" is no misspelled "payout.created", nor "fund.created" a
// "refund.created": few letters are wrong in a typing error, and seldom the first.
constexpr std::size_t kTypingErrorsMax = 2;

bool is_event_type_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'
           || c == '.' || c == '-';
}

std::string_view family_of(std::string_view type) {
    return type.substr(0, type.find('.') + 1);  // "payment."; empty without a dot
}

Names own_names() {
    Names names;
    for (const EventType type : all_event_types()) names.emplace(to_text(type));
    for (const std::string_view type : operational_event_types()) names.emplace(type);
    return names;
}

Names names_of_family(std::string_view family) {
    Names names;
    for (const std::string& name : own_names()) {
        if (family_of(name) == family) names.insert(name);
    }
    return names;
}

Names families() {
    Names found;
    for (const std::string& name : own_names()) found.emplace(family_of(name));
    return found;
}

std::optional<std::string> misspelled(std::string_view word, const Names& names) {
    Names candidates;
    for (const std::string& name : names) {
        if (to_lower(name.substr(0, 1)) == to_lower(word.substr(0, 1))) candidates.insert(name);
    }
    return closest_within(kTypingErrorsMax, word, candidates);
}

std::string suggest(std::string_view name) {
    std::string sentence = "is not an event type; did you mean ";
    sentence += name;
    sentence += '?';
    return sentence;
}

std::optional<std::string> complaint_about_family(std::string_view family) {
    if (families().contains(family)) return std::nullopt;
    const auto likely = misspelled(family, families());
    if (likely) return suggest(*likely + "*");
    return std::nullopt;
}

std::optional<std::string> complaint_about_type(std::string_view type) {
    Names known = own_names();
    for (const std::string_view name : all_stripe_types()) known.emplace(name);
    if (known.contains(type)) return std::nullopt;
    auto likely = misspelled(type, known);
    if (!likely) likely = closest(type, names_of_family(family_of(type)));
    if (likely) return suggest(*likely);
    return std::nullopt;
}

}  // namespace

bool is_event_type_text(std::string_view text) {
    return !text.empty() && text.size() <= kEventTypeBytesMax
           && std::all_of(text.begin(), text.end(), is_event_type_character);
}

const std::vector<std::string_view>& operational_event_types() {
    static const std::vector<std::string_view> kTypes = {
        "delivery.exhausted", "endpoint.disabled", "endpoint.failing", "endpoint.recovered"};
    return kTypes;
}

std::optional<std::string> complaint_about_subscription(std::string_view pattern) {
    if (pattern == "*") return std::nullopt;
    std::string_view name = pattern;
    const bool is_family = name.ends_with(".*");
    if (is_family) name.remove_suffix(2);
    if (!is_event_type_text(name)) {
        return "must be an event type like payment.succeeded, a family like payment.*, or *";
    }
    if (is_family) return complaint_about_family(pattern.substr(0, pattern.size() - 1));
    return complaint_about_type(name);
}

}  // namespace postern::dispatch
