#include "daemon/key_rights.hpp"

#include <algorithm>
#include <array>

namespace postern::daemon {
namespace {

constexpr std::array kScopes = {
    KeyScope::payments_read,
    KeyScope::customers_read,
    KeyScope::balance_read,
    KeyScope::events_read,
    KeyScope::webhooks_read,
    KeyScope::requests_read};

constexpr std::array kPlans =
    {KeyPlan::of_mode, KeyPlan::test, KeyPlan::live, KeyPlan::standard, KeyPlan::enterprise};

// A bit that no route asks for: set alone it makes a key narrow and allows nothing.
constexpr auto kUnknownScope = static_cast<KeyScope>(31);

struct Place {
    std::string_view first;  // parts of a path
    KeyScope scope;
};

// What follows the version of an API's paths. What is not here is about payments.
constexpr Place kPlaces[] = {
    {"customers", KeyScope::customers_read},
    {"payment_methods", KeyScope::customers_read},
    {"payment-methods", KeyScope::customers_read},
    {"balance", KeyScope::balance_read},
    {"balance_transactions", KeyScope::balance_read},
    {"balance-transactions", KeyScope::balance_read},
    {"payouts", KeyScope::balance_read},
    {"transfers", KeyScope::balance_read},
    {"events", KeyScope::events_read},
    {"event-types", KeyScope::events_read},
    {"event-type", KeyScope::events_read},
    {"webhook_endpoints", KeyScope::webhooks_read},
    {"webhook-endpoints", KeyScope::webhooks_read},
    {"deliveries", KeyScope::webhooks_read},
    {"inbox", KeyScope::webhooks_read},
    {"gateways", KeyScope::webhooks_read},
    {"jobs", KeyScope::webhooks_read},
    {"app", KeyScope::webhooks_read},
    {"background-task", KeyScope::webhooks_read},
    {"operational-webhook", KeyScope::webhooks_read},
    {"request-logs", KeyScope::requests_read},
};

std::string_view after_version(std::string_view path) {
    for (const std::string_view version : {"/v1/", "/api/v1/", "/api/v2/"}) {
        if (path.starts_with(version)) return path.substr(version.size());
    }
    return path;
}

}  // namespace

std::string_view to_text(KeyScope scope) {
    switch (scope) {
        case KeyScope::payments_read: return "payments:read";
        case KeyScope::customers_read: return "customers:read";
        case KeyScope::balance_read: return "balance:read";
        case KeyScope::events_read: return "events:read";
        case KeyScope::webhooks_read: return "webhooks:read";
        case KeyScope::requests_read: return "requests:read";
    }
    return {};
}

std::optional<KeyScope> parse_key_scope(std::string_view text) {
    const auto found = std::find_if(kScopes.begin(), kScopes.end(), [text](KeyScope scope) {
        return to_text(scope) == text;
    });
    if (found == kScopes.end()) return std::nullopt;
    return *found;
}

std::span<const KeyScope> all_key_scopes() {
    return kScopes;
}

KeyScopes read_key_scopes(std::string_view stored) {
    KeyScopes scopes;
    while (!stored.empty()) {
        const std::string_view one = stored.substr(0, stored.find(','));
        stored.remove_prefix(std::min(stored.size(), one.size() + 1));
        scopes.add(parse_key_scope(one).value_or(kUnknownScope));
    }
    return scopes;
}

std::string stored_text(const KeyScopes& scopes) {
    std::string text;
    for (const KeyScope scope : kScopes) {
        if (!scopes.has(scope)) continue;
        if (!text.empty()) text += ',';
        text += to_text(scope);
    }
    return text;
}

KeyScope scope_of(std::string_view path) {
    const std::string_view rest = after_version(path);
    const std::string_view first = rest.substr(0, rest.find('/'));
    for (const Place& place : kPlaces) {
        if (place.first == first) return place.scope;
    }
    return KeyScope::payments_read;
}

std::string_view to_text(KeyPlan plan) {
    switch (plan) {
        case KeyPlan::of_mode: return "";
        case KeyPlan::test: return "test";
        case KeyPlan::live: return "live";
        case KeyPlan::standard: return "standard";
        case KeyPlan::enterprise: return "enterprise";
    }
    return "";
}

std::optional<KeyPlan> parse_key_plan(std::string_view text) {
    const auto found = std::find_if(kPlans.begin(), kPlans.end(), [text](KeyPlan plan) {
        return to_text(plan) == text;
    });
    if (found == kPlans.end()) return std::nullopt;
    return *found;
}

}  // namespace postern::daemon
