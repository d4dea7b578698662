#include "daemon/webhook_replies.hpp"

#include "core/json_writer.hpp"

namespace postern::daemon {

using verifiers::ProviderReply;
using verifiers::SignedRequest;
using verifiers::VerifyFailure;

namespace {

constexpr std::string_view kJson = "application/json; charset=utf-8";

HttpReply to_reply(ProviderReply words) {
    HttpReply reply;
    reply.status = words.status;
    reply.content_type = std::move(words.content_type);
    reply.body = std::move(words.body);
    return reply;
}

HttpReply error_words(int status, std::string_view code, std::string_view message) {
    HttpReply reply;
    reply.status = status;
    reply.content_type = kJson;
    JsonWriter writer{reply.body};
    writer.begin_object();
    writer.key("error");
    writer.begin_object();
    writer.member("code", code);
    writer.member("message", message);
    writer.end_object();
    writer.end_object();
    return reply;
}

}  // namespace

HttpReply
acknowledgement(const storage::Committed&, const Gateway& gateway, const SignedRequest& request) {
    if (auto words = gateway.provider->acknowledgement(request)) {
        return to_reply(std::move(*words));
    }
    HttpReply reply;
    reply.content_type = kJson;
    JsonWriter writer{reply.body};
    writer.begin_object();
    writer.member_boolean("success", true);
    writer.member("gateway", gateway.id);
    writer.member("message", "Webhook processed");
    writer.end_object();
    return reply;
}

HttpReply refusal(const Gateway& gateway, VerifyFailure failure) {
    constexpr std::string_view message = "The webhook's signature could not be verified";
    auto words = gateway.provider->refusal(failure);
    // A provider may want a status of its own and say nothing about the body.
    const bool own_body = words && !words->body.empty();
    const int status = words ? words->status : 401;
    HttpReply reply =
        own_body ? to_reply(std::move(*words)) : error_words(status, "INVALID_SIGNATURE", message);
    reply.connection = ConnectionFate::keep_few;
    return reply;
}

HttpReply challenge_reply(const Gateway& gateway, const SignedRequest& request) {
    if (auto words = gateway.provider->challenge(request)) return to_reply(std::move(*words));
    HttpReply reply =
        error_words(405, "METHOD_NOT_ALLOWED", "Webhooks are sent to this address with POST");
    reply.fields.push_back({"Allow", "POST"});
    return reply;
}

HttpReply unknown_gateway_reply() {
    return error_words(
        404,
        "GATEWAY_NOT_FOUND",
        "No gateway of this name is configured; check the last path segment"
    );
}

HttpReply own_delivery_reply() {
    return error_words(
        508,
        "LOOP_DETECTED",
        "This is a delivery of this very server; point the webhook endpoint at your own application"
    );
}

HttpReply disabled_gateway_reply() {
    HttpReply reply = error_words(503, "GATEWAY_DISABLED", "This gateway is switched off");
    reply.fields.push_back({"Retry-After", "300"});
    return reply;
}

HttpReply try_again_reply(int retry_after_seconds) {
    HttpReply reply = error_words(503, "UNAVAILABLE", "Nothing was stored; please send it again");
    reply.fields.push_back({"Retry-After", std::to_string(retry_after_seconds)});
    return reply;
}

}  // namespace postern::daemon
