#pragma once

#include "core/settings.hpp"
#include "core/time.hpp"
#include "core/unified_event.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

// The other side of the gate: what a provider would post. Used by `postern send`, by the sandbox
// and by tests, so that a sandbox webhook goes through the same proof as a real one.
namespace postern::verifiers {

struct SampleWish {
    EventType type = EventType::payment_succeeded;
    std::string amount = "10.99";  // decimal, major units
    std::string currency = "USD";
    std::string unique;  // lower-case hex, ≥ 16 digits: makes every id in the sample new
    TimePoint now;       // when it is posted and signed
    // What the sample speaks of, where it shall be something that exists; otherwise it is made up.
    // The sandbox's gateways take all of these, the others may make up theirs.
    std::optional<std::string> gateway_payment_id = {};
    std::optional<std::string> gateway_refund_id = {};
    std::optional<std::string> gateway_dispute_id = {};
    std::optional<std::string> gateway_payout_id = {};
    std::optional<std::string> merchant_reference = {};
    std::optional<std::string> reason = {};
    std::optional<std::string> outcome = {};  // won, lost
    std::optional<TimePoint> occurred_at = {};
};

struct SampleWebhook {
    std::string method = "POST";
    std::string query;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

// nullopt: the provider has no way to say this.
using MakeSample =
    std::optional<SampleWebhook> (*)(const SettingTable& settings, const SampleWish& wish);

// Settings for a sandbox gateway: random secrets, key pairs of our own. Keys that begin with
// "sandbox_" hold what only the sending side needs.
using MakeSandboxSettings = SettingTable (*)();

}  // namespace postern::verifiers
