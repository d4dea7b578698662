#include "payments/api.hpp"
#include "payments/dialects/rcommerce/endpoints.hpp"

#include <algorithm>
#include <array>

namespace postern::payments {
namespace {

// Each answers below /api/v1 and below /api/v2: the documents of both generations name both.
struct Row {
    std::string_view method;
    std::string_view below;
    Needs needs;
    Endpoint plan;
};

using namespace rcommerce;

constexpr Row kRows[] = {
    {"GET", "/payments", Needs::reading, get_payments},
    {"POST", "/payments", Needs::writing, post_payment},
    {"POST", "/payments/methods", Needs::reading, post_methods_query},
    {"GET", "/payments/{id}", Needs::reading, get_payment},
    {"POST", "/payments/{id}/capture", Needs::writing, post_capture},
    {"POST", "/payments/{id}/cancel", Needs::writing, post_cancel},
    {"POST", "/payments/{id}/complete", Needs::writing, post_complete},
    {"POST", "/payments/{id}/refund", Needs::writing, post_refund},
    {"POST", "/payments/{id}/refunds", Needs::writing, post_refund},
    {"GET", "/payments/{id}/refunds", Needs::reading, get_refunds},
    {"GET", "/payments/{id}/refunds/{refund_id}", Needs::reading, get_refund},

    {"POST", "/payment_intents", Needs::writing, post_intent},
    {"GET", "/payment_intents/{id}", Needs::reading, get_intent},
    {"POST", "/payment_intents/{id}/confirm", Needs::writing, post_intent_confirm},
    {"POST", "/payment_intents/{id}/capture", Needs::writing, post_intent_capture},
    {"POST", "/payment_intents/{id}/cancel", Needs::writing, post_intent_cancel},

    {"GET", "/customers/{id}/payment_methods", Needs::reading, get_customer_methods},
    {"POST", "/customers/{id}/payment_methods", Needs::writing, post_customer_method},
    {"DELETE", "/customers/{id}/payment_methods/{token}", Needs::writing, delete_customer_method},
    {"POST",
     "/customers/{id}/payment_methods/{token}/default",
     Needs::writing,
     post_default_method},
    {"GET", "/customers/{id}/payment-methods", Needs::reading, get_customer_tokens},
    {"POST", "/payment-methods", Needs::writing, post_payment_method},
    {"DELETE", "/payment-methods/{token}", Needs::writing, delete_payment_method},

    {"GET", "/disputes", Needs::reading, get_disputes},
    {"GET", "/disputes/{id}", Needs::reading, get_dispute},
    {"POST", "/disputes/{id}/evidence", Needs::writing, post_evidence},

    {"GET", "/payouts", Needs::reading, get_payouts},
    {"GET", "/payouts/{id}", Needs::reading, get_payout},
    {"GET", "/balance", Needs::reading, get_balance},
    {"GET", "/balance/transactions", Needs::reading, get_balance_transactions},

    {"GET", "/openapi.json", Needs::open, get_description},
};
constexpr std::size_t kRowCount = std::size(kRows);

constexpr std::string_view kGenerations[] = {"/api/v1", "/api/v2"};
constexpr std::size_t kGenerationCount = std::size(kGenerations);
constexpr std::size_t kPatternSizeMax = 64;

struct Pattern {
    std::array<char, kPatternSizeMax> text{};
    std::size_t size = 0;

    constexpr void add(std::string_view part) {
        for (const char c : part) text[size++] = c;
    }
    constexpr std::string_view view() const { return {text.data(), size}; }
};

constexpr auto kPatterns = [] {
    std::array<Pattern, kRowCount * kGenerationCount> patterns{};
    for (std::size_t i = 0; i < patterns.size(); ++i) {
        patterns[i].add(kGenerations[i / kRowCount]);
        patterns[i].add(kRows[i % kRowCount].below);
    }
    return patterns;
}();

constexpr auto kRoutes = [] {
    std::array<Route, kPatterns.size()> routes{};
    for (std::size_t i = 0; i < routes.size(); ++i) {
        const Row& row = kRows[i % kRowCount];
        routes[i] = {row.method, kPatterns[i].view(), row.needs, Dialect::rcommerce, row.plan};
    }
    return routes;
}();

}  // namespace

std::span<const Route> rcommerce_routes() {
    return kRoutes;
}

}  // namespace postern::payments
