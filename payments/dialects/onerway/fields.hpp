#pragma once

#include "core/parameters.hpp"
#include "payments/domain/values.hpp"
#include "payments/service/payment_service.hpp"

#include <optional>
#include <string>
#include <string_view>

// Single parameters that many endpoints take, each with its limits and the words for what is wrong.
// Absent means not mentioned; an empty text takes the value away.
namespace postern::payments::onerway {

inline constexpr std::size_t kTextCharactersMax = 5'000;

std::optional<std::string> read_text(
    Parameters& parameters,
    std::string_view name,
    std::size_t characters_max = kTextCharactersMax
);
std::optional<std::string> read_description(Parameters& parameters);
std::optional<std::string> read_statement_descriptor(Parameters& parameters, std::string_view name);
std::optional<std::string> read_email(Parameters& parameters, std::string_view name);
std::optional<std::string> read_url(Parameters& parameters, std::string_view name);

// A whole number of minor units, at least one.
std::optional<std::int64_t> read_minor(Parameters& parameters, std::string_view name);
std::optional<Currency> read_currency(Parameters& parameters);
// amount and currency, both required; the limits of a payment are checked apart.
std::optional<Money> read_money(Parameters& parameters);
void check_payment_amount(Parameters& parameters, const Money& amount);

struct MetadataChange {
    Metadata pairs;
    PaymentEdit::ClearMetadata clear = PaymentEdit::ClearMetadata::no;
    bool is_empty() const { return pairs.empty() && clear == PaymentEdit::ClearMetadata::no; }
};
MetadataChange read_metadata(Parameters& parameters, std::string_view name = "metadata");
// For what is made new: pairs without a value are not there.
Metadata metadata_of(MetadataChange change);
// What is there and what is changed, together too many?
std::optional<Refusal> why_not_metadata(const Metadata& present, const MetadataChange& change);

std::optional<std::optional<Address>> read_address(Parameters& parameters, std::string_view name);
std::optional<std::optional<Shipping>> read_shipping(Parameters& parameters);
// Part by part: what is not mentioned stays as it is.
struct BillingChange {
    std::optional<std::string> name, email, phone;
    std::optional<std::optional<Address>> address;
    void apply_to(BillingDetails& billing) const;
};
// billing_details within `table`; empty: at the top.
BillingChange read_billing(Parameters& parameters, std::string_view table);

// "card[number]" within "payment_method_data": "payment_method_data[card][number]".
std::string inside(std::string_view table, std::string_view name);

// created=5, created[gte]=5 and its kind. From is included, until is not.
struct TimeRange {
    std::optional<TimePoint> from, until;
};
TimeRange read_range(Parameters& parameters, std::string_view name);

}  // namespace postern::payments::onerway
