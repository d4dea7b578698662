#pragma once

#include "verifiers/provider.hpp"

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

// The one form of input for everything that a provider posts:
//
//   <index in provider_settings.json> <unix seconds> <method> <target>
//   Name: value
//
//   body
namespace postern::fuzz {

struct WebhookInput {
    const verifiers::Provider* provider = nullptr;
    TimePoint received_at;
    std::string_view method;
    std::string_view path;
    std::string_view query;
    HttpFields fields;
    std::string_view body;

    verifiers::SignedRequest request() const {
        return {
            .method = method,
            .path = path,
            .query = query,
            .fields = fields,
            .body = body,
            .received_at = received_at};
    }
};

std::optional<WebhookInput> read_webhook_input(std::string_view text);

}  // namespace postern::fuzz
