#pragma once

#include "core/json_writer.hpp"
#include "daemon/endpoint_service.hpp"
#include "daemon/faces/stripe/parameters.hpp"

#include <optional>
#include <string>
#include <vector>

namespace postern::daemon::stripe {

// What a caller said about a webhook endpoint; absent: not mentioned.
struct WebhookEndpointWish {
    std::optional<std::string> url;
    std::optional<std::string> description;  // empty: taken away
    std::optional<std::vector<std::string>> enabled_events;
    std::optional<Parameters::Pairs> metadata;  // merged; an empty value takes the key away
    bool clears_metadata = false;               // `metadata` itself was sent empty
    std::optional<std::string> api_version;
    std::optional<bool> disabled;
};

enum class WishFor { creation, update };
WebhookEndpointWish read_wish(Parameters& parameters, WishFor purpose);

// Puts the wish over the settings and has them judged as the native API has its own.
std::optional<ApiError>
apply(const WebhookEndpointWish& wish, dispatch::EndpointSettings& settings);

enum class Secret { shown, hidden };
void append_webhook_endpoint(
    JsonWriter& writer,
    const OpenEndpoint& endpoint,
    const IdCodec& ids,
    Secret secret
);

}  // namespace postern::daemon::stripe
