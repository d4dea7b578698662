#include "payments/dialects/onerway/fields.hpp"

#include "core/numbers.hpp"
#include "core/utf8.hpp"
#include "payments/dialects/return_address.hpp"
#include "payments/service/customer_service.hpp"

#include <algorithm>
#include <array>

namespace postern::payments::onerway {
namespace {

constexpr std::string_view kMetadata = "metadata";
constexpr std::size_t kDescriptorCharactersMax = 22;
constexpr std::size_t kEmailBytesMax = 512;
// Ids hold milliseconds in 43 bits, so a moment outside cannot become a border in a table.
constexpr std::int64_t kSecondsMax = 7'258'118'400;  // the year 2200

ParameterComplaint about(std::string_view name, std::string message) {
    return {.message = std::move(message), .parameter = std::string{name}};
}

std::size_t count_characters(std::string_view text) {
    const auto begins = [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    };
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins));
}

bool is_printable(char c) {
    return static_cast<unsigned char>(c) > ' ' && c != '\x7f';
}

// Local part, '@', and a domain of at least two labels: what is enough to tell a slip of the pen.
bool is_email(std::string_view text) {
    if (text.size() > kEmailBytesMax) return false;
    if (!std::all_of(text.begin(), text.end(), is_printable)) return false;
    const auto at = text.find('@');
    if (at == 0 || at == std::string_view::npos) return false;
    const std::string_view domain = text.substr(at + 1);
    const auto dot = domain.rfind('.');
    if (dot == 0 || dot == std::string_view::npos || dot + 1 == domain.size()) return false;
    return domain.find('@') == std::string_view::npos && domain.find("..") == std::string_view::npos
           && domain.front() != '.';
}

bool fits_descriptor(char c) {
    constexpr std::string_view kRefused = "<>\\'\"*";
    return static_cast<unsigned char>(c) >= ' ' && kRefused.find(c) == std::string_view::npos;
}

std::string invalid_integer(std::string_view text) {
    std::string message = "Invalid integer: ";
    message += text;
    return message;
}

std::string too_many_pairs(std::size_t count) {
    return "Metadata can have up to 50 keys, but this would make " + std::to_string(count) + ".";
}

void check_pair(Parameters& parameters, const std::pair<std::string, std::string>& pair) {
    const auto& [name, value] = pair;
    if (name.empty() || count_characters(name) > kMetadataNameMax) {
        parameters.complain(
            about(kMetadata, "Metadata keys can be up to 40 characters long. Invalid key: " + name)
        );
    }
    if (name.find_first_of("[]") != std::string::npos) {
        parameters.complain(about(kMetadata, "Metadata keys cannot hold square brackets."));
    }
    const std::size_t characters = count_characters(value);
    if (characters > kMetadataValueMax) {
        parameters.complain(about(
            kMetadata,
            "Metadata values can have up to 500 characters, but you passed in a value that is "
                + std::to_string(characters) + " characters. Invalid key: " + name
        ));
    }
    if (name.find('\0') != std::string::npos || value.find('\0') != std::string::npos) {
        parameters.complain(about(kMetadata, "Metadata cannot hold null characters."));
    }
}

std::string text_or_empty(Parameters& parameters, const std::string& name) {
    return read_text(parameters, name).value_or("");
}

// Borders are whole seconds.
bool set_border(TimeRange& range, std::string_view border, std::int64_t seconds) {
    const auto not_before = [&range](std::int64_t second) {
        const TimePoint at = from_unix_seconds(second);
        range.from = range.from ? std::max(*range.from, at) : at;
        return true;
    };
    const auto before = [&range](std::int64_t second) {
        const TimePoint at = from_unix_seconds(second);
        range.until = range.until ? std::min(*range.until, at) : at;
        return true;
    };
    if (border == "gt") return not_before(seconds + 1);
    if (border == "gte") return not_before(seconds);
    if (border == "lt") return before(seconds);
    if (border == "lte") return before(seconds + 1);
    return false;
}

struct Border {
    std::string_view name;
    std::string parameter;
    const RequestNode& node;
};

void read_border(Parameters& parameters, const Border& border, TimeRange& range) {
    const auto seconds = parse_integer(border.node.text);
    if (!seconds || *seconds < 0 || *seconds > kSecondsMax) {
        return parameters.complain(
            {.code = "parameter_invalid_integer",
             .message = invalid_integer(border.node.text),
             .parameter = border.parameter}
        );
    }
    if (set_border(range, border.name, *seconds)) return;
    parameters.complain(
        {.code = "parameter_unknown",
         .message = "Received unknown parameter: " + border.parameter,
         .parameter = border.parameter}
    );
}

}  // namespace

std::optional<std::string>
read_text(Parameters& parameters, std::string_view name, std::size_t characters_max) {
    auto text = parameters.text(name);
    if (!text) return text;
    if (count_characters(*text) > characters_max) {
        parameters.complain(about(
            name,
            "Invalid string: must be at most " + std::to_string(characters_max) + " characters"
        ));
    }
    if (text->find('\0') != std::string::npos) {
        parameters.complain(about(name, "Invalid string: must not hold null characters"));
    }
    return text;
}

std::optional<std::string> read_description(Parameters& parameters) {
    return read_text(parameters, "description", kDescriptionCharactersMax);
}

std::optional<std::string>
read_statement_descriptor(Parameters& parameters, std::string_view name) {
    auto text = read_text(parameters, name, kDescriptorCharactersMax);
    if (text && !std::all_of(text->begin(), text->end(), fits_descriptor)) {
        parameters.complain(
            about(name, "The statement descriptor must not hold any of these: < > \\ ' \" *")
        );
    }
    return text;
}

std::optional<std::string> read_email(Parameters& parameters, std::string_view name) {
    auto text = parameters.text(name);
    if (!text || text->empty() || is_email(*text)) return text;
    parameters.complain(
        {.code = "email_invalid",
         .message = "Invalid email address: " + *text,
         .parameter = std::string{name}}
    );
    return std::nullopt;
}

std::optional<std::string> read_url(Parameters& parameters, std::string_view name) {
    auto text = parameters.text(name);
    if (!text || text->empty() || is_return_address(*text)) return text;
    parameters.complain(
        {.code = "url_invalid", .message = "Not a valid URL", .parameter = std::string{name}}
    );
    return std::nullopt;
}

std::optional<std::int64_t> read_minor(Parameters& parameters, std::string_view name) {
    const auto minor = parameters.integer(name);
    if (!minor || *minor >= 1) return minor;
    parameters.complain(
        {.code = "parameter_invalid_integer",
         .message = *minor == 0 ? "This value must be greater than or equal to 1."
                                : "Invalid positive integer",
         .parameter = std::string{name}}
    );
    return std::nullopt;
}

std::optional<Currency> read_currency(Parameters& parameters) {
    const auto text = parameters.text("currency");
    if (!text) return std::nullopt;
    const auto currency = Currency::parse(*text);
    if (!currency) {
        parameters.complain(about(
            "currency",
            "Invalid currency: " + *text
                + ". Give the three-letter ISO code of a currency in use, such as usd."
        ));
    }
    return currency;
}

std::optional<Money> read_money(Parameters& parameters) {
    if (!parameters.has("amount")) parameters.complain_of_missing("amount");
    const auto minor = read_minor(parameters, "amount");
    if (!parameters.has("currency")) parameters.complain_of_missing("currency");
    const auto currency = read_currency(parameters);
    if (!minor || !currency) return std::nullopt;
    return Money{*minor, *currency};
}

void check_payment_amount(Parameters& parameters, const Money& amount) {
    if (amount.minor < kAmountMinorMin) {
        const Money least{kAmountMinorMin, amount.currency};
        parameters.complain(
            {.code = "amount_too_small",
             .message = "Amount must be at least " + std::to_string(kAmountMinorMin)
                        + " in the smallest currency unit (" + decimal_text(least) + ' '
                        + std::string{amount.currency.lower()} + ")",
             .parameter = "amount"}
        );
    }
    if (amount.minor > kAmountMinorMax) {
        const Money most{kAmountMinorMax, amount.currency};
        parameters.complain(
            {.code = "amount_too_large",
             .message = "Amount must be no more than " + std::to_string(kAmountMinorMax)
                        + " in the smallest currency unit (" + decimal_text(most) + ' '
                        + std::string{amount.currency.lower()} + ")",
             .parameter = "amount"}
        );
    }
}

MetadataChange read_metadata(Parameters& parameters, std::string_view name) {
    MetadataChange change;
    auto pairs = parameters.pairs(name);
    if (!pairs) return change;
    // Sent empty, as a form or as null, it takes all pairs away; an empty JSON object does not.
    const RequestNode* node = parameters.table(name);
    if (node->kind == RequestNode::Kind::text) change.clear = PaymentEdit::ClearMetadata::yes;
    for (const auto& pair : *pairs) check_pair(parameters, pair);
    change.pairs = std::move(*pairs);
    if (change.pairs.size() > kMetadataPairsMax) {
        parameters.complain(about(kMetadata, too_many_pairs(change.pairs.size())));
    }
    return change;
}

Metadata metadata_of(MetadataChange change) {
    std::erase_if(change.pairs, [](const auto& pair) { return pair.second.empty(); });
    return std::move(change.pairs);
}

std::optional<Refusal> why_not_metadata(const Metadata& present, const MetadataChange& change) {
    Metadata merged = present;
    merge(merged, change.pairs, change.clear);
    if (merged.size() <= kMetadataPairsMax) return std::nullopt;
    return Refusal{
        .reason = Reason::parameter_invalid,
        .parameter = std::string{kMetadata},
        .detail = too_many_pairs(merged.size())};
}

std::optional<std::optional<Address>> read_address(Parameters& parameters, std::string_view name) {
    if (parameters.is_null(name)) return std::optional<Address>{};
    if (!parameters.has(name)) return std::nullopt;
    Address address{
        .line1 = text_or_empty(parameters, inside(name, "line1")),
        .line2 = text_or_empty(parameters, inside(name, "line2")),
        .city = text_or_empty(parameters, inside(name, "city")),
        .state = text_or_empty(parameters, inside(name, "state")),
        .postal_code = text_or_empty(parameters, inside(name, "postal_code")),
        .country = text_or_empty(parameters, inside(name, "country"))};
    if (address == Address{}) return std::optional<Address>{};
    return std::optional{std::move(address)};
}

std::optional<std::optional<Shipping>> read_shipping(Parameters& parameters) {
    constexpr std::string_view kName = "shipping";
    if (parameters.is_null(kName)) return std::optional<Shipping>{};
    if (!parameters.has(kName)) return std::nullopt;
    Shipping shipping{
        .name = text_or_empty(parameters, inside(kName, "name")),
        .phone = text_or_empty(parameters, inside(kName, "phone")),
        .carrier = text_or_empty(parameters, inside(kName, "carrier")),
        .tracking_number = text_or_empty(parameters, inside(kName, "tracking_number")),
        .address = {}};
    auto address = read_address(parameters, inside(kName, "address"));
    const bool has_address = address && *address;
    if (has_address) shipping.address = std::move(**address);
    if (shipping == Shipping{}) return std::optional<Shipping>{};
    if (!has_address) parameters.complain_of_missing(inside(kName, "address"));
    if (shipping.name.empty()) parameters.complain_of_missing(inside(kName, "name"));
    return std::optional{std::move(shipping)};
}

void BillingChange::apply_to(BillingDetails& billing) const {
    if (name) billing.name = *name;
    if (email) billing.email = *email;
    if (phone) billing.phone = *phone;
    if (address) billing.address = *address;
}

BillingChange read_billing(Parameters& parameters, std::string_view table) {
    const std::string within = inside(table, "billing_details");
    if (!parameters.has(within)) return {};
    return {
        .name = read_text(parameters, inside(within, "name")),
        .email = read_email(parameters, inside(within, "email")),
        .phone = read_text(parameters, inside(within, "phone")),
        .address = read_address(parameters, inside(within, "address"))};
}

std::string inside(std::string_view table, std::string_view name) {
    if (table.empty()) return std::string{name};
    const auto head_end = std::min(name.find('['), name.size());
    std::string path{table};
    path += '[';
    path += name.substr(0, head_end);
    path += ']';
    path += name.substr(head_end);
    return path;
}

TimeRange read_range(Parameters& parameters, std::string_view name) {
    TimeRange range;
    const RequestNode* node = parameters.table(name);
    if (node == nullptr) return range;
    if (node->kind == RequestNode::Kind::text) {  // exactly that second
        read_border(parameters, {"gte", std::string{name}, *node}, range);
        if (parameters.is_good()) {
            read_border(parameters, {"lte", std::string{name}, *node}, range);
        }
        return range;
    }
    for (const RequestMember& member : node->members) {
        read_border(parameters, {member.name, bracketed(name, member), member.node}, range);
    }
    return range;
}

}  // namespace postern::payments::onerway
