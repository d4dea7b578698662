#include "net/endpoint.hpp"

#include "core/numbers.hpp"

namespace postern::net {

Result<HostAndPort, Complaint> split_host_and_port(std::string_view text) {
    std::string complaint{text};
    complaint += " is no listen address: write host:port, for example 127.0.0.1:8080 or [::1]:8080";
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) return Complaint{std::move(complaint)};
    std::string_view host = text.substr(0, colon);
    const std::string_view port = text.substr(colon + 1);
    const auto number = parse_unsigned(port);
    if (!number || *number > 65'535) return Complaint{std::move(complaint)};
    const bool bracketed = host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    // An empty host would mean every interface, and ::1:80 could be two different addresses.
    const bool ambiguous = host.find_first_of("[]") != std::string_view::npos
                           || (!bracketed && host.find(':') != std::string_view::npos);
    if (host.empty() || ambiguous) return Complaint{std::move(complaint)};
    return HostAndPort{std::string{host}, std::string{port}};
}

}  // namespace postern::net
