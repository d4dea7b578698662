#include "dispatch/sender.hpp"

#include "core/log.hpp"
#include "dispatch/event_body.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace postern::dispatch {

using storage::AttemptError;

namespace {

constexpr std::size_t kKeptHeaderBytesMax = 8 * 1024;
constexpr std::chrono::seconds kBodyTimeout{2};

AttemptError error_of(net::OutboundError error) {
    switch (error) {
        case net::OutboundError::none: return AttemptError::none;
        case net::OutboundError::connect_refused: return AttemptError::connect_refused;
        case net::OutboundError::connect_failed: return AttemptError::connect_failed;
        case net::OutboundError::tls_untrusted: return AttemptError::tls_untrusted;
        case net::OutboundError::tls_failed: return AttemptError::tls_failed;
        case net::OutboundError::timeout: return AttemptError::timeout;
        case net::OutboundError::connection_lost: return AttemptError::connection_lost;
        case net::OutboundError::response_malformed: return AttemptError::response_malformed;
        case net::OutboundError::too_large: return AttemptError::too_large;
        case net::OutboundError::proxy_failed: return AttemptError::proxy_failed;
    }
    return AttemptError::connection_lost;
}

void append_line(std::string& lines, std::string_view name, std::string_view value) {
    lines.append(name).append(": ").append(value).append("\r\n");
}

std::string kept_headers(const net::OutboundAnswer& answer) {
    std::string text;
    for (const auto& [name, value] : answer.fields) {
        if (text.size() + name.size() + value.size() + 3 > kKeptHeaderBytesMax) break;
        text.append(name).append(": ").append(value).append("\n");
    }
    return text;
}

// Whoever has sent a whole head has said whether it took the event: that its body never ends, or
// comes too slowly, changes nothing about it. A body that was cut or is malformed is another
// matter: then perhaps not even the head is the endpoint's own.
bool head_decides(const net::OutboundAnswer& answer) {
    switch (answer.error) {
        case net::OutboundError::none: return true;
        case net::OutboundError::timeout:
        case net::OutboundError::too_large: return answer.status != 0;
        case net::OutboundError::connect_refused:
        case net::OutboundError::connect_failed:
        case net::OutboundError::tls_untrusted:
        case net::OutboundError::tls_failed:
        case net::OutboundError::connection_lost:
        case net::OutboundError::response_malformed:
        case net::OutboundError::proxy_failed: return false;
    }
    return false;
}

// What an answer means; one without a head that counts keeps the client's error.
void read_answer(net::OutboundAnswer& answer, TimePoint now, AttemptResult& result) {
    result.phases.connect = answer.phases.connect;
    result.phases.tls = answer.phases.tls;
    result.phases.first_byte = answer.phases.first_byte;
    result.status = answer.status;
    result.error = error_of(answer.error);
    if (answer.peer) result.address = answer.peer->to_text();
    result.response_headers = kept_headers(answer);
    result.response_body = std::move(answer.body);
    if (!head_decides(answer)) return;
    const AnswerMeaning meaning = meaning_of(
        {.status = answer.status,
         .retry_after = answer.field("retry-after"),
         .webhook_delivery = answer.field("webhook-delivery")},
        now
    );
    result.error = meaning.error;
    result.wish = meaning.wish;
    result.retry_after = meaning.retry_after;
}

class Stopwatch {
 public:
    std::chrono::microseconds elapsed() const {
        return std::chrono::duration_cast<std::chrono::microseconds>(
            std::chrono::steady_clock::now() - start_
        );
    }

 private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace

struct Sender::Route {
    std::int64_t revision = 0;
    Result<Destination, GuardRefusal> destination = GuardRefusal::url_malformed;
    std::shared_ptr<const net::TlsClient> tls;
    std::string tls_complaint;     // its certificates cannot be used
    std::string own_header_lines;  // the merchant's
};

Sender::Sender(Parts parts) : parts_{std::move(parts)} {
    auto tls = net::TlsClient::make({});
    if (tls) {
        system_tls_ = std::move(*tls);
    } else {
        log::error("delivery.tls_unusable", {{"why", tls.error().message}});
    }
}

Sender::~Sender() = default;

void Sender::forget(EndpointId endpoint) {
    routes_.erase(endpoint);
}

const GuardRules& Sender::rules_of(const Endpoint& endpoint) const {
    return endpoint.livemode == storage::Livemode::live ? parts_.live_rules : parts_.test_rules;
}

std::shared_ptr<const Sender::Route> Sender::route_of(const Endpoint& endpoint) {
    std::shared_ptr<const Route>& route = routes_[endpoint.id];
    if (route == nullptr || route->revision != endpoint.revision) route = make_route(endpoint);
    return route;
}

std::shared_ptr<const Sender::Route> Sender::make_route(const Endpoint& endpoint) const {
    auto route = std::make_shared<Route>();
    route->revision = endpoint.revision;
    route->destination = parse_destination(endpoint.url, rules_of(endpoint));
    for (const auto& [name, value] : endpoint.settings.headers) {
        append_line(route->own_header_lines, name, value);
    }
    if (!route->destination || route->destination->scheme == Destination::Scheme::http) {
        return route;
    }
    const EndpointSettings& settings = endpoint.settings;
    if (settings.ca_pem.empty() && settings.client_certificate_pem.empty()) {
        route->tls = system_tls_;
    } else {
        auto own = net::TlsClient::make(
            {.ca_pem = settings.ca_pem,
             .certificate_pem = settings.client_certificate_pem,
             .key_pem = endpoint.client_key_pem}
        );
        if (own) {
            route->tls = std::move(*own);
        } else {
            route->tls_complaint = own.error().message;
        }
    }
    if (route->tls == nullptr && route->tls_complaint.empty()) {
        route->tls_complaint = "the system's trusted certificates cannot be read";
    }
    return route;
}

std::string Sender::header_lines(
    const Endpoint& endpoint,
    const EventContent& event,
    std::string_view body,
    Numbers numbers,
    const TraceContext& trace
) const {
    const TimePoint now = parts_.clock.now();
    const std::string id = message_id_of(event, parts_.ids);
    const MessageToSign message{.id = id, .timestamp = unix_seconds(now), .body = body};
    const bool asymmetric =
        endpoint.settings.signing == EndpointSettings::Signing::hmac_and_ed25519;
    std::string lines;
    lines.reserve(720);
    append_line(lines, "Content-Type", "application/json");
    append_line(lines, "User-Agent", parts_.user_agent);
    append_line(lines, "webhook-id", id);
    append_line(lines, "webhook-timestamp", std::to_string(message.timestamp));
    append_line(
        lines,
        "webhook-signature",
        endpoint.keys->standard_signature(
            message, now, asymmetric ? parts_.asymmetric.get() : nullptr
        )
    );
    if (endpoint.settings.format == PayloadFormat::stripe) {
        const std::string signature = endpoint.keys->stripe_signature(message, now);
        append_line(lines, "Stripe-Signature", signature);
        append_line(lines, "Onerway-Signature", signature);
    }
    if (numbers.sequence > 0) {
        append_line(lines, "webhook-sequence", std::to_string(numbers.sequence));
    }
    append_line(lines, "webhook-attempt", std::to_string(numbers.attempt));
    append_line(lines, kInstanceHeader, parts_.instance_tag);
    append_line(lines, "traceparent", to_traceparent(trace).view());
    return lines;
}

// Resolved once for each attempt; every address must pass, and only these are dialled.
net::Task<bool> Sender::find_addresses(
    const Endpoint& endpoint,
    const Route& route,
    std::vector<net::IpAddress>& addresses,
    AttemptResult& result
) {
    const Destination& destination = *route.destination;
    if (destination.address) {
        addresses = {*destination.address};
    } else if (parts_.proxy) {
        co_return true;  // the proxy resolves, and is trusted to judge what it finds
    } else {
        const Stopwatch watch;
        net::Resolved resolved = co_await parts_.resolver.resolve(destination.host);
        result.phases.dns = watch.elapsed();
        addresses = std::move(resolved.addresses);
        if (resolved.kind != net::Resolved::Kind::found || addresses.empty()) {
            result.error = AttemptError::dns_failed;
            co_return false;
        }
    }
    const auto refusal = judge_addresses(addresses, rules_of(endpoint));
    if (!refusal) co_return true;
    result.error = AttemptError::address_blocked;
    log::warn(
        "delivery.address_blocked",
        {{"endpoint", parts_.ids.encode(endpoint.id)},
         {"reason", to_text(*refusal)},
         {"trace_id", to_text(result.trace.trace).view()}}
    );
    co_return false;
}

net::Task<AttemptResult> Sender::send(
    std::shared_ptr<const Endpoint> endpoint,
    std::shared_ptr<const EventContent> event,
    Numbers numbers
) {
    const Stopwatch watch;
    AttemptResult result;
    result.started_at = parts_.clock.now();
    result.trace = child_of(event->trace);
    if (is_wanted(parts_.spans, result.trace)) result.trace.sampled = TraceContext::Sampled::yes;
    const std::shared_ptr<const Route> route = route_of(*endpoint);
    std::vector<net::IpAddress> addresses;
    if (!route->destination) {
        result.error = AttemptError::address_blocked;
        co_return result;
    }
    if (!route->tls_complaint.empty()) {
        result.error = AttemptError::endpoint_misconfigured;
        co_return result;
    }
    const bool may_call = co_await find_addresses(*endpoint, *route, addresses, result);
    if (!may_call) {
        result.phases.total = watch.elapsed();
        co_return result;
    }
    const std::string body = compose_body(endpoint->settings, *event, parts_.ids);
    const std::string lines =
        header_lines(*endpoint, *event, body, numbers, result.trace) + route->own_header_lines;
    const Destination& destination = *route->destination;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        endpoint->settings.timeout - watch.elapsed()
    );
    const net::OutboundRequest request{
        .method = "POST",
        .host_field = destination.host_field,
        .server_name = destination.host,
        .port = destination.port,
        .target = destination.target,
        .addresses = std::move(addresses),
        .tls = route->tls,
        .proxy = parts_.proxy ? &*parts_.proxy : nullptr,
        .header_lines = lines,
        .body = body,
        .timeout = std::max(left, std::chrono::milliseconds{1}),
        .body_timeout = kBodyTimeout};
    net::OutboundAnswer answer = co_await parts_.client.send(request);
    read_answer(answer, parts_.clock.now(), result);
    result.phases.total = watch.elapsed();
    co_return result;
}

}  // namespace postern::dispatch
