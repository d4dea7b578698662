#include "daemon/api/body_reader.hpp"
#include "daemon/api/endpoint_call.hpp"
#include "daemon/api/endpoint_json.hpp"
#include "daemon/api/functions.hpp"
#include "daemon/api/parameters.hpp"
#include "daemon/api/replies.hpp"

namespace postern::daemon {

using dispatch::EndpointSecret;
using storage::DeliveryQueue;

namespace {

constexpr std::size_t kSecretBytesMax = 256;

std::optional<ApiError> check_plain(const ApiCall& call) {
    ParameterReader parameters{call.request.query};
    if (auto error = parameters.finish()) return error;
    return check_body_is_empty(call.request.body);
}

SecretRotation read_rotation(BodyReader& body) {
    SecretRotation rotation;
    const auto grace = body.integer("grace_seconds", {.min = 0, .max = kSecretGraceMax.count()});
    if (grace) rotation.grace = std::chrono::seconds{*grace};
    if (const auto secret = body.text("secret", kSecretBytesMax)) {
        auto parsed = dispatch::parse_endpoint_secret(*secret);
        if (parsed) {
            rotation.secret = std::move(*parsed);
        } else {
            body.complain("secret", parsed.error().message);
        }
    }
    return rotation;
}

std::string secrets_body(const OpenEndpoint& endpoint, TimePoint now) {
    std::string body;
    JsonWriter writer{body};
    writer.begin_object();
    const std::vector<EndpointSecret>& secrets = endpoint.secrets.secrets;
    writer.member("secret", secrets.front().secret);
    writer.key("previous");
    writer.begin_array();
    for (std::size_t i = 1; i < secrets.size(); ++i) {
        if (secrets[i].expires_at && *secrets[i].expires_at <= now) continue;
        writer.begin_object();
        writer.member("secret", secrets[i].secret);
        writer.key("expires_at");
        append_time_or_null(writer, secrets[i].expires_at);
        writer.end_object();
    }
    writer.end_array();
    writer.end_object();
    return body;
}

net::Task<HttpReply> switch_and_answer(const ApiCall& call, EndpointSwitch wanted) {
    if (const auto error = check_plain(call)) co_return error_reply(*error);
    const auto name = endpoint_in_path(call);
    if (!name) co_return no_endpoint_reply();
    EndpointChange change;
    change.run = [&call, &name, wanted](storage::Transaction& transaction) {
        return switch_endpoint(transaction, call.around.secrets, *name, wanted);
    };
    auto changing = change_and_answer(call, change);
    co_return co_await std::move(changing);
}

}  // namespace

net::Task<HttpReply> rotate_webhook_secret(const ApiCall& call) {
    ParameterReader parameters{call.request.query};
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    const auto name = endpoint_in_path(call);
    if (!name) co_return no_endpoint_reply();
    BodyReader body{call.request.body};
    const SecretRotation rotation = read_rotation(body);
    if (const auto error = body.finish()) co_return error_reply(*error);
    EndpointChange change{.run = {}, .status = 200, .shown = SecretShown::yes};
    change.run = [&call, &name, &rotation](storage::Transaction& transaction) {
        return rotate_secret(transaction, call.around.secrets, *name, rotation);
    };
    auto changing = change_and_answer(call, change);
    co_return co_await std::move(changing);
}

net::Task<HttpReply> get_webhook_secret(const ApiCall& call) {
    ParameterReader parameters{call.request.query};
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    const auto name = endpoint_in_path(call);
    if (!name) co_return no_endpoint_reply();
    auto loading = load_endpoint(call, *name);
    const auto loaded = co_await std::move(loading);
    if (!loaded) co_return loaded.error();
    co_return json_reply(secrets_body(loaded->endpoint, call.around.clock.now()));
}

net::Task<HttpReply> enable_webhook_endpoint(const ApiCall& call) {
    auto switching = switch_and_answer(call, EndpointSwitch::enable);
    HttpReply reply = co_await std::move(switching);
    const auto name = endpoint_in_path(call);
    if (reply.status != 200 || !name) co_return reply;
    // What was due while it was disabled is due now.
    const TimePoint now = call.around.clock.now();
    std::vector<dispatch::Nudge> nudges;
    nudges.push_back({.endpoint = name->id, .queue = DeliveryQueue::fresh, .due_at = now});
    nudges.push_back({.endpoint = name->id, .queue = DeliveryQueue::retry, .due_at = now});
    call.around.dispatcher.nudge(std::move(nudges));
    co_return reply;
}

net::Task<HttpReply> disable_webhook_endpoint(const ApiCall& call) {
    return switch_and_answer(call, EndpointSwitch::disable);
}

}  // namespace postern::daemon
