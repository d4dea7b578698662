#include "daemon/dispatch_assembly.hpp"

#include "config/proxy_url.hpp"
#include "core/assert.hpp"
#include "core/bytes.hpp"
#include "core/log.hpp"
#include "net/own_addresses.hpp"

#include <array>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace postern::daemon {
namespace {

using dispatch::GuardRules;

bool is_loopback(const config::ListenAddress& listen) {
    const auto address = net::parse_ip_address(listen.host);
    return address && address->is_loopback();
}

net::AddressList list_of(const std::vector<std::string>& ranges) {
    auto list = net::AddressList::parse(ranges);
    POSTERN_ASSERT(list.has_value());  // addresses that we wrote ourselves
    return std::move(*list);
}

net::AddressList list_of(const std::vector<config::AddressRange>& ranges) {
    std::vector<std::string> texts;
    for (const config::AddressRange& range : ranges) texts.push_back(config::to_text(range));
    return list_of(texts);
}

net::AddressList list_of_own() {
    std::vector<std::string> texts;
    for (const net::IpAddress& address : net::own_addresses()) texts.push_back(address.to_text());
    return list_of(texts);
}

GuardRules common_rules(const config::Delivery& delivery) {
    GuardRules rules;
    rules.allowed = list_of(delivery.allowed_networks);
    rules.denied = list_of(delivery.denied_networks);
    rules.own = list_of_own();
    return rules;
}

GuardRules live_rules(const config::Delivery& delivery, GuardRules rules) {
    if (delivery.allow_http) rules.http = GuardRules::Http::allowed;
    if (delivery.allow_high_ports) rules.ports = GuardRules::Ports::high;
    return rules;
}

GuardRules test_rules(const config::Config& config, GuardRules rules) {
    rules.http = GuardRules::Http::allowed;
    rules.ports = GuardRules::Ports::high;
    if (loopback_is_allowed(config)) rules.loopback = GuardRules::Loopback::allowed;
    return rules;
}

dispatch::EngineLimits engine_limits(const config::Delivery& delivery) {
    dispatch::EngineLimits limits;
    limits.in_flight_max = delivery.in_flight_max;
    limits.in_flight_per_origin_max = delivery.in_flight_per_origin_max;
    limits.breaker.longest_pause = delivery.breaker_pause_max;
    limits.breaker.failing_to_disable = delivery.disable_after;
    return limits;
}

struct FreeAddresses {
    void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

std::optional<net::IpAddress> look_up(const std::string& name) {
    if (const auto literal = net::parse_ip_address(name)) return literal;
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* first = nullptr;
    if (getaddrinfo(name.c_str(), nullptr, &hints, &first) != 0) return std::nullopt;
    const std::unique_ptr<addrinfo, FreeAddresses> list{first};
    std::array<char, NI_MAXHOST> text{};
    const int failed = getnameinfo(
        list->ai_addr,
        list->ai_addrlen,
        text.data(),
        static_cast<socklen_t>(text.size()),
        nullptr,
        0,
        NI_NUMERICHOST
    );
    return failed == 0 ? net::parse_ip_address(text.data()) : std::nullopt;
}

Result<net::OutboundProxy, Complaint> open_proxy(const std::string& proxy_url) {
    const auto url = config::parse_proxy_url(proxy_url);
    if (!url) return Complaint{"delivery.proxy_url cannot be read"};
    const auto address = look_up(url->host);
    if (!address) {
        return Complaint{"delivery.proxy_url: the name " + url->host + " has no address now"};
    }
    net::OutboundProxy proxy{.address = *address, .port = url->port, .authorization = {}};
    if (!url->credentials.empty()) proxy.authorization = "Basic " + to_base64(url->credentials);
    return proxy;
}

}  // namespace

bool loopback_is_allowed(const config::Config& config) {
    if (config.delivery.loopback != config::LoopbackDelivery::automatic) return false;
    const bool tls_is_inside = !config.tls.listen || is_loopback(*config.tls.listen);
    return is_loopback(config.listen) && is_loopback(config.admin_listen) && tls_is_inside;
}

Result<dispatch::DispatcherOptions, Complaint> dispatcher_options(const config::Config& config) {
    const config::Delivery& delivery = config.delivery;
    dispatch::DispatcherOptions options;
    options.engine = engine_limits(delivery);
    options.resolver.servers = delivery.resolvers;
    // Whatever is under way may look a name up: our own bound must never look like their fault.
    options.resolver.limits.queries_max = 2 * static_cast<std::size_t>(delivery.in_flight_max);
    options.live_rules = live_rules(delivery, common_rules(delivery));
    options.test_rules = test_rules(config, common_rules(delivery));
    options.user_agent = delivery.user_agent;
    if (!delivery.proxy_url.empty()) {
        auto proxy = open_proxy(delivery.proxy_url);
        if (!proxy) return std::move(proxy).error();
        options.proxy = std::move(*proxy);
    }
    if (loopback_is_allowed(config)) {
        log::info(
            "delivery.loopback_allowed",
            {{"why", "test mode may deliver to this machine while it listens on loopback only"}}
        );
    }
    return options;
}

}  // namespace postern::daemon
