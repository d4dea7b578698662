#include "daemon/faces/face.hpp"

#include "daemon/faces/native_error.hpp"
#include "daemon/faces/native_words.hpp"
#include "daemon/faces/stripe/replies.hpp"
#include "daemon/faces/svix/replies.hpp"

#include <algorithm>
#include <array>

namespace postern::daemon {
namespace {

constexpr std::string_view kStripe = "/v1";
constexpr std::string_view kSvix = "/api/v1/";

// The first parts of Svix's paths, its cloud's included. /api/v1 holds other things beside them.
constexpr std::array<std::string_view, 15> kSvixParts = {
    "app",
    "auth",
    "autoconfig",
    "background-task",
    "connector",
    "environment",
    "event-type",
    "health",
    "ingest",
    "integration",
    "operational-webhook",
    "poller",
    "sdk",
    "stats",
    "stream"};

}  // namespace

Face face_of(std::string_view path) {
    if (path.starts_with(kStripe)) {
        const std::string_view rest = path.substr(kStripe.size());
        if (rest.empty() || rest.front() == '/') return Face::stripe;
    }
    if (!path.starts_with(kSvix)) return Face::native;
    path.remove_prefix(kSvix.size());
    const std::string_view part = path.substr(0, path.find('/'));
    const bool known = std::find(kSvixParts.begin(), kSvixParts.end(), part) != kSvixParts.end();
    return known ? Face::svix : Face::native;
}

std::string_view routed_path(std::string_view path) {
    if (face_of(path) == Face::svix && path.ends_with('/')) path.remove_suffix(1);
    return path;
}

std::optional<HttpReply> refuse_request(Face face, const HttpRequest& request) {
    return face == Face::stripe ? stripe::refuse_version(request) : std::nullopt;
}

HttpReply in_words_of(Face face, const HttpRequest& request, HttpReply reply) {
    if (face == Face::native) return in_asked_language(request, std::move(reply));
    const auto error = reply.status >= 400 ? read_native_error(reply.body) : std::nullopt;
    if (face == Face::svix) {
        return error ? svix::in_own_words(*error, std::move(reply)) : std::move(reply);
    }
    if (error) reply = stripe::in_own_words(*error, request, std::move(reply));
    return stripe::with_common_fields(request, std::move(reply));
}

}  // namespace postern::daemon
