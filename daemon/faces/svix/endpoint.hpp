#pragma once

#include "core/json_writer.hpp"
#include "daemon/endpoint_service.hpp"
#include "daemon/faces/svix/input.hpp"

#include <optional>
#include <string>

namespace postern::daemon::svix {

// What a caller said about an endpoint; absent: not mentioned.
struct EndpointWish {
    std::optional<std::string> url;
    std::optional<std::string> uid;  // empty: taken away
    std::optional<bool> disabled;
    std::string settings = "{}";  // those that were mentioned, as the native API spells them
    std::string secret;           // of a creation; empty: one is made
};

// A whole one gives everything that is not mentioned its default back.
enum class WishFor { creation, whole, part };
EndpointWish read_endpoint_wish(Body& body, WishFor purpose);

std::optional<ApiError> apply(const EndpointWish& wish, dispatch::EndpointSettings& settings);
std::optional<ApiError> edit(const EndpointWish& wish, OpenEndpoint& endpoint);

// The members of an endpoint, without the braces: a message's list says more about each.
void append_endpoint_members(JsonWriter& writer, const OpenEndpoint& endpoint, const IdCodec& ids);
void append_endpoint(JsonWriter& writer, const OpenEndpoint& endpoint, const IdCodec& ids);

}  // namespace postern::daemon::svix
