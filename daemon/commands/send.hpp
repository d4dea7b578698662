#pragma once

#include "core/time.hpp"
#include "daemon/commands/common.hpp"
#include "daemon/http_post.hpp"
#include "verifiers/sample.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace postern::daemon::commands {

struct SendOptions {
    ConfigOptions config;
    std::string gateway;
    std::string event_type;
    std::string to;      // empty: the configured listener
    std::string amount;  // empty: 1099 minor units
    std::string currency = "USD";
    std::int64_t count = 1;
    bool live = false;  // send even if the daemon would take the event for real money
    bool list = false;
    Output output = Output::text;
};

// The event that the options ask for, checked. It has no `unique` and no time yet.
Result<verifiers::SampleWish, Complaint> wish_of(const SendOptions& options);

// A signed webhook with that event, or why this gateway cannot send it.
Result<verifiers::SampleWebhook, Complaint>
make_webhook(const ResolvedGateway& gateway, const verifiers::SampleWish& wish);

struct SendTarget {
    HttpUrl url;
    std::filesystem::path trusted_certificate;
};

// `to` may leave out the path; empty means the public listener of this configuration.
Result<SendTarget, Complaint>
send_target(const config::Config& config, std::string_view gateway_id, std::string_view to);

// Every kind and what it can express.
std::string list_of_samples(std::span<const verifiers::ProviderKind> kinds, TimePoint now);

std::string samples_json(std::span<const verifiers::ProviderKind> kinds, TimePoint now);

int run_send(const SendOptions& options, const Clock& clock);
int run_send_list(const SendOptions& options, const Clock& clock);

}  // namespace postern::daemon::commands
