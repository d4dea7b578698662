#pragma once

#include "core/http_message.hpp"
#include "core/json_writer.hpp"
#include "core/request_tree.hpp"
#include "daemon/faces/native_error.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace postern::daemon::stripe {

// Stripe's envelope: {"error":{"code","doc_url","message","param","type"}}, with doc_url where
// there is a code.
struct Error {
    int status = 400;
    std::string_view type = "invalid_request_error";
    std::string_view code = {};  // empty: none
    std::string message;
    std::string parameter = {};  // empty: none
};

HttpReply error_reply(const Error& error);
HttpReply complaint_reply(const ParameterComplaint& complaint);
// One answer for what is not there and for what is somebody else's. `what`: "webhook endpoint".
struct Missing {
    std::string_view what;
    std::string_view id;
};
HttpReply missing_reply(const Missing& missing);

// {"object":"list","data":[ … ],"has_more","url"}: begin, write the items, end.
void begin_list(JsonWriter& writer);
struct ListEnd {
    std::string_view url;
    bool has_more = false;
};
void end_list(JsonWriter& writer, const ListEnd& end);

struct Deleted {
    std::string_view object;
    std::string_view id;
};
void append_deleted(JsonWriter& writer, const Deleted& deleted);

// The caller's Onerway-Version, or the one that callers without one get.
std::string_view api_version_of(const HttpRequest& request);
// For a version that cannot be one; nullopt: go on.
std::optional<HttpReply> refuse_version(const HttpRequest& request);

HttpReply in_own_words(const NativeError& error, const HttpRequest& request, HttpReply reply);
// Where the merchant finds a refused request again; `public_url` as they reach this daemon.
void add_log_url(HttpReply& reply, std::string_view public_url);
// Request-Id, and the versions and the key that the caller sent.
HttpReply with_common_fields(const HttpRequest& request, HttpReply reply);

}  // namespace postern::daemon::stripe
