#include "payments/dialects/rcommerce/body.hpp"

#include "core/json_repeats.hpp"
#include "core/settings.hpp"
#include "payments/dialects/return_address.hpp"

#include <algorithm>

namespace postern::payments::rcommerce {
namespace {

constexpr JsonLimits kBodyLimits{.depth_max = 16, .nodes_max = 10'000};
constexpr std::string_view kWhole = "body";
constexpr std::string_view kIdempotencyKey = "idempotency_key";
constexpr std::size_t kEmailBytesMax = 254;

bool is_printable(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

bool is_spaceless(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) > ' ' && c != '\x7f';
    });
}

// A NUL is no text to databases and to half of the programs that read it later.
bool is_storable(std::string_view text) {
    return text.find('\0') == std::string_view::npos;
}

// A text, or what people write without quotes: 7, true.
std::optional<std::string> leaf_text(JsonValue value) {
    if (value.is_string() || value.is_number()) return std::string{value.text()};
    if (const auto flag = value.boolean()) return std::string{*flag ? "true" : "false"};
    return std::nullopt;
}

std::string joined(std::span<const std::string_view> words) {
    std::string text;
    for (const std::string_view word : words) {
        if (!text.empty()) text += ", ";
        text += word;
    }
    return text;
}

// As faults name fields: "payment_method.card.number".
std::string dotted(const std::vector<std::string>& path) {
    std::string field;
    for (const std::string& part : path) {
        if (!field.empty()) field += '.';
        field += part;
    }
    return field;
}

}  // namespace

Body::Body(const Call& call) : audience_{audience_of(call)} {
    if (call.request.body.empty()) return;
    auto document = JsonDocument::parse(call.request.body, kBodyLimits);
    if (!document) {
        complain(kWhole, Text::body_not_json);
    } else if (!document->root().is_object()) {
        complain(kWhole, Text::body_not_object);
    } else {
        document_ = std::move(*document);
        if (const auto path = repeated_member(document_->root()))
            complain(dotted(*path), Text::given_twice);
    }
}

JsonValue Body::object() const {
    return document_ ? document_->root() : JsonValue{};
}

JsonValue Body::value(std::string_view name) {
    known_.emplace(name);
    const JsonValue found = object()[name];
    return found.is_null() ? JsonValue{} : found;
}

std::optional<std::string> Body::text(std::string_view name, std::size_t characters_max) {
    const JsonValue found = value(name);
    if (!found.exists()) return std::nullopt;
    const bool fits = count_characters(found.string()) <= characters_max;
    if (found.is_string() && fits && is_storable(found.string())) {
        return std::string{found.string()};
    }
    complain(name, rcommerce::text(Text::not_a_text, language(), {std::to_string(characters_max)}));
    return std::nullopt;
}

std::optional<std::string>
Body::word(std::string_view name, std::span<const std::string_view> words) {
    const JsonValue found = value(name);
    if (!found.exists()) return std::nullopt;
    if (std::find(words.begin(), words.end(), found.string()) != words.end()) {
        return std::string{found.string()};
    }
    complain(name, rcommerce::text(Text::not_one_of, language(), {joined(words)}));
    return std::nullopt;
}

std::optional<bool> Body::flag(std::string_view name) {
    const JsonValue found = value(name);
    if (!found.exists()) return std::nullopt;
    const auto flag = found.boolean();
    if (!flag) complain(name, Text::not_a_flag);
    return flag;
}

std::optional<std::string> Body::email(std::string_view name) {
    const JsonValue found = value(name);
    if (!found.exists()) return std::nullopt;
    if (is_email(found.string())) return std::string{found.string()};
    complain(name, Text::not_an_email);
    return std::nullopt;
}

std::optional<std::string> Body::url(std::string_view name) {
    const JsonValue found = value(name);
    if (!found.exists()) return std::nullopt;
    const std::string_view url = found.string();
    if (url.size() <= kUrlCharactersMax && is_return_address(url)) return std::string{url};
    complain(name, Text::not_a_url);
    return std::nullopt;
}

void Body::add_metadata(Metadata& metadata, const JsonMember& member) {
    if (member.value.is_null()) return;
    std::string field = "metadata.";
    field += member.key;
    const std::size_t name_characters = count_characters(member.key);
    const bool fits_as_name = name_characters > 0 && name_characters <= kMetadataNameMax;
    if (!fits_as_name || !is_storable(member.key)) {
        const std::string max = std::to_string(kMetadataNameMax);
        return complain(
            "metadata", rcommerce::text(Text::metadata_name_too_long, language(), {max})
        );
    }
    auto value = leaf_text(member.value);
    const bool fits = value && count_characters(*value) <= kMetadataValueMax;
    if (!fits || !is_storable(*value)) {
        const std::string max = std::to_string(kMetadataValueMax);
        return complain(field, rcommerce::text(Text::metadata_value, language(), {max}));
    }
    metadata.emplace_back(member.key, std::move(*value));
}

Metadata Body::metadata() {
    const JsonValue found = value("metadata");
    Metadata metadata;
    if (!found.exists()) return metadata;
    if (!found.is_object()) {
        complain("metadata", Text::not_an_object);
        return metadata;
    }
    if (found.size() > kMetadataPairsMax) {
        const std::string max = std::to_string(kMetadataPairsMax);
        complain("metadata", rcommerce::text(Text::metadata_too_many, language(), {max}));
        return metadata;
    }
    for (const JsonMember& member : found.members()) add_metadata(metadata, member);
    return metadata;
}

std::optional<Currency> Body::currency() {
    const JsonValue found = value("currency");
    if (!found.exists()) {
        complain("currency", Text::required);
        return std::nullopt;
    }
    const auto currency = Currency::parse(found.string());
    if (!currency) {
        refuse(field_fault(
            ErrorCode::invalid_currency,
            "currency",
            std::string{rcommerce::text(Text::invalid_currency, language())}
        ));
    }
    return currency;
}

std::optional<std::string> Body::amount_text() {
    const JsonValue found = value("amount");
    if (!found.exists()) return std::nullopt;
    if (found.is_string()) return std::string{found.string()};
    // A bare number is refused: 5949 might be meant as minor units, and that is other money.
    refuse(field_fault(
        ErrorCode::invalid_amount,
        "amount",
        std::string{rcommerce::text(Text::not_a_decimal, language())}
    ));
    return std::nullopt;
}

std::optional<Money> Body::money() {
    require("amount");
    const auto decimal = amount_text();
    const auto currency = this->currency();
    if (!decimal || !currency) return std::nullopt;
    auto minor = read_amount(*decimal, *currency, language());
    if (minor) return Money{*minor, *currency};
    refuse(std::move(minor.error()));
    return std::nullopt;
}

std::string Body::idempotency_key() {
    const JsonValue found = value(kIdempotencyKey);
    if (!found.exists()) return {};
    const std::string_view key = found.string();
    if (!key.empty() && key.size() <= kTextCharactersMax && is_printable(key)) {
        return std::string{key};
    }
    complain(kIdempotencyKey, Text::not_a_key);
    return {};
}

void Body::require(std::string_view name) {
    known_.emplace(name);
    const JsonValue found = object()[name];
    if (!found.exists() || found.is_null()) complain(name, Text::required);
}

void Body::complain(std::string_view name, std::string message) {
    complaints_.push_back({std::string{name}, std::move(message)});
}

void Body::complain(std::string_view name, Text message) {
    complain(name, std::string{rcommerce::text(message, language())});
}

void Body::refuse(Fault fault) {
    if (!fault_) fault_ = std::move(fault);
}

std::optional<HttpReply> Body::finish() {
    // What cannot be read lacks everything; that alone is worth saying.
    const bool unreadable = !complaints_.empty() && complaints_.front().field == kWhole;
    if (unreadable) complaints_.resize(1);
    for (const JsonMember& member : object().members()) {
        if (known_.find(member.key) != known_.end()) continue;
        const auto meant = closest(member.key, known_);
        if (!meant) {
            complain(member.key, Text::unknown_field);
        } else {
            complain(member.key, rcommerce::text(Text::unknown_field_meant, language(), {*meant}));
        }
    }
    if (!complaints_.empty()) {
        return rc_error(
            audience_, {.code = ErrorCode::validation_error, .details = std::move(complaints_)}
        );
    }
    if (fault_) return rc_error(audience_, *fault_);
    return std::nullopt;
}

Result<std::int64_t, Fault>
read_amount(std::string_view decimal, const Currency& currency, Language language) {
    const auto minor = minor_from_decimal(decimal, currency);
    if (!minor) {
        return field_fault(
            ErrorCode::invalid_amount, "amount", std::string{text(Text::not_a_decimal, language)}
        );
    }
    if (*minor >= kAmountMinorMin && *minor <= kAmountMinorMax) return *minor;
    const bool small = *minor < kAmountMinorMin;
    const std::string limit = decimal_text({small ? kAmountMinorMin : kAmountMinorMax, currency});
    const Text said = small ? Text::amount_too_small : Text::amount_too_large;
    return field_fault(ErrorCode::invalid_amount, "amount", text(said, language, {limit}));
}

std::size_t count_characters(std::string_view utf8) {
    const auto begins = [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    };
    return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), begins));
}

bool is_email(std::string_view text) {
    const auto at = text.find('@');
    return text.size() <= kEmailBytesMax && at != std::string_view::npos && at > 0
           && at + 1 < text.size() && text.find('@', at + 1) == std::string_view::npos
           && is_spaceless(text);
}

}  // namespace postern::payments::rcommerce
