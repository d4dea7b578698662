#pragma once

#include "core/http_message.hpp"

#include <optional>
#include <string_view>

// The same endpoints and deliveries, answered as Stripe's or Svix's clients expect. A face is
// chosen by the path alone, so that even an unknown route answers in the right words.
namespace postern::daemon {

enum class Face {
    native,
    stripe,  // /v1/…
    svix,    // /api/v1/app, /api/v1/event-type and the rest of Svix's tree
};

Face face_of(std::string_view path);

// As the route table spells it: older clients of Svix end every path with a slash.
std::string_view routed_path(std::string_view path);

// What a face asks of every request, before anything else is looked at; nullopt: go on.
std::optional<HttpReply> refuse_request(Face face, const HttpRequest& request);

// What code shared by all faces answered in the native envelope, in the face's own; an answer that
// a face made itself passes. Adds the fields that every answer of the face carries.
HttpReply in_words_of(Face face, const HttpRequest& request, HttpReply reply);

}  // namespace postern::daemon
