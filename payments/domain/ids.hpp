#pragma once

#include "core/ids.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace postern::payments {

struct PaymentId {
    std::int64_t value = 0;
    auto operator<=>(const PaymentId&) const = default;
    static constexpr std::string_view kPrefix = "pay_";
    static constexpr std::string_view kStripePrefix = "pi_";
};
struct ChargeId {
    std::int64_t value = 0;
    auto operator<=>(const ChargeId&) const = default;
    static constexpr std::string_view kPrefix = "ch_";
    static constexpr std::string_view kStripePrefix = "ch_";
};
struct RefundId {
    std::int64_t value = 0;
    auto operator<=>(const RefundId&) const = default;
    static constexpr std::string_view kPrefix = "ref_";
    static constexpr std::string_view kStripePrefix = "re_";
};
struct DisputeId {
    std::int64_t value = 0;
    auto operator<=>(const DisputeId&) const = default;
    static constexpr std::string_view kPrefix = "dp_";
    static constexpr std::string_view kStripePrefix = "dp_";
};
struct PayoutId {
    std::int64_t value = 0;
    auto operator<=>(const PayoutId&) const = default;
    static constexpr std::string_view kPrefix = "po_";
    static constexpr std::string_view kStripePrefix = "po_";
};
struct TransferId {
    std::int64_t value = 0;
    auto operator<=>(const TransferId&) const = default;
    static constexpr std::string_view kPrefix = "tr_";
    static constexpr std::string_view kStripePrefix = "tr_";
};
struct ReversalId {
    std::int64_t value = 0;
    auto operator<=>(const ReversalId&) const = default;
    static constexpr std::string_view kPrefix = "trr_";
    static constexpr std::string_view kStripePrefix = "trr_";
};
struct CustomerId {
    std::int64_t value = 0;
    auto operator<=>(const CustomerId&) const = default;
    static constexpr std::string_view kPrefix = "cus_";
    static constexpr std::string_view kStripePrefix = "cus_";
};
// The same spelling in both dialects: "pm_" and a UUID.
struct PaymentMethodId {
    std::int64_t value = 0;
    auto operator<=>(const PaymentMethodId&) const = default;
    static constexpr std::string_view kPrefix = "pm_";
    static constexpr std::string_view kStripePrefix = "pm_";
    static constexpr std::string_view kAliasPrefix = "card_";  // read, never written
};
struct BalanceTransactionId {
    std::int64_t value = 0;
    auto operator<=>(const BalanceTransactionId&) const = default;
    static constexpr std::string_view kPrefix = "txn_";
    static constexpr std::string_view kStripePrefix = "txn_";
};
struct ActionId {
    std::int64_t value = 0;
    auto operator<=>(const ActionId&) const = default;
    static constexpr std::string_view kPrefix = "act_";
    static constexpr std::string_view kStripePrefix = "act_";
};
struct OrderId {
    std::int64_t value = 0;
    auto operator<=>(const OrderId&) const = default;
    static constexpr std::string_view kPrefix = "ord_";
    static constexpr std::string_view kStripePrefix = "ord_";
};

namespace detail {
std::string without_dashes(std::string_view encoded, std::string_view prefix);
// Takes a text of a UUID's length, with its dashes or without, and gives `prefix` and the UUID; it
// is the codec's to look at the letters.
std::optional<std::string> with_dashes(std::string_view text, std::string_view prefix);
}  // namespace detail

// "pi_" and 32 hexadecimal digits: what Stripe's users take an id to look like. The digits are
// those of the UUID that the other dialect shows.
template <class Id>
std::string stripe_id(const IdCodec& ids, Id id) {
    return std::string{Id::kStripePrefix} + detail::without_dashes(ids.encode(id), Id::kPrefix);
}

// "550e8400-e29b-…": as the R Commerce dialect shows payments, refunds and customers.
template <class Id>
std::string bare_uuid(const IdCodec& ids, Id id) {
    return ids.encode(id).substr(Id::kPrefix.size());
}

// Any spelling of either dialect: with one of the prefixes or bare, with dashes or without.
template <class Id>
std::optional<Id> read_id(const IdCodec& ids, std::string_view text) {
    std::string_view alias = Id::kPrefix;
    if constexpr (requires { Id::kAliasPrefix; }) alias = Id::kAliasPrefix;
    for (const std::string_view prefix : {Id::kPrefix, Id::kStripePrefix, alias}) {
        if (!text.starts_with(prefix)) continue;
        text.remove_prefix(prefix.size());
        break;
    }
    const auto spelled = detail::with_dashes(text, Id::kPrefix);
    return spelled ? ids.decode<Id>(*spelled) : std::nullopt;
}

}  // namespace postern::payments
