#pragma once

#include "core/ids.hpp"
#include "core/span.hpp"
#include "dispatch/attempt.hpp"
#include "dispatch/endpoint.hpp"
#include "dispatch/signing.hpp"
#include "dispatch/url_guard.hpp"
#include "net/http_client.hpp"
#include "net/resolver.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace postern::dispatch {

// The loop guard: a delivery carries it, our own receiver refuses whatever carries it.
inline constexpr std::string_view kInstanceHeader = "postern-instance";

// Makes one attempt: composes, resolves, vets, signs, calls, and says what came of it. For one io
// thread.
class Sender {
 public:
    struct Parts {
        net::Resolver& resolver;
        net::HttpClient& client;
        const Clock& clock;  // the wall: signatures are judged by it
        IdCodec ids;
        std::shared_ptr<const AsymmetricKey> asymmetric;
        const GuardRules& test_rules;
        const GuardRules& live_rules;
        const std::optional<net::OutboundProxy>& proxy;
        std::string user_agent;
        std::string instance_tag;
        const SpanSink* spans = nullptr;  // decides what is sampled
    };
    explicit Sender(Parts parts);
    ~Sender();

    // 0 stands for a test event, which is no delivery and has no sequence.
    struct Numbers {
        std::int64_t sequence = 0;
        std::int64_t attempt = 1;
    };
    net::Task<AttemptResult> send(
        std::shared_ptr<const Endpoint> endpoint,
        std::shared_ptr<const EventContent> event,
        Numbers numbers
    );
    void forget(EndpointId endpoint);

 private:
    // What an endpoint's revision comes to, worked out once.
    struct Route;
    std::shared_ptr<const Route> route_of(const Endpoint& endpoint);
    std::shared_ptr<const Route> make_route(const Endpoint& endpoint) const;
    const GuardRules& rules_of(const Endpoint& endpoint) const;
    std::string header_lines(
        const Endpoint& endpoint,
        const EventContent& event,
        std::string_view body,
        Numbers numbers,
        const TraceContext& trace
    ) const;
    net::Task<bool> find_addresses(
        const Endpoint& endpoint,
        const Route& route,
        std::vector<net::IpAddress>& addresses,
        AttemptResult& result
    );

    Parts parts_;
    std::map<EndpointId, std::shared_ptr<const Route>> routes_;
    std::shared_ptr<const net::TlsClient> system_tls_;
};

}  // namespace postern::dispatch
