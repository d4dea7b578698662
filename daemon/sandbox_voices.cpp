#include "daemon/sandbox_poster.hpp"

namespace postern::daemon {
namespace {

// An address that stands for all of a machine's is none to connect to.
std::string connectable(const std::string& host) {
    if (host == "0.0.0.0") return "127.0.0.1";
    if (host == "::") return "::1";
    return host;
}

}  // namespace

std::vector<SandboxVoice> sandbox_voices(const std::vector<ResolvedGateway>& gateways) {
    std::vector<SandboxVoice> voices;
    for (const ResolvedGateway& gateway : gateways) {
        if (gateway.gateway.mode != config::Mode::sandbox) continue;
        voices.push_back(
            {.gateway_id = gateway.gateway.id,
             .kind = gateway.kind,
             .settings = gateway.gateway.settings}
        );
    }
    return voices;
}

OwnListener own_listener(const config::Config& config, std::string_view bound) {
    const auto address = config::parse_listen_address(bound).value_or(config.listen);
    const bool speaks_tls = config.tls.enabled() && !config.tls.listen;
    OwnListener listener{
        .url = {
            .scheme = speaks_tls ? UrlScheme::https : UrlScheme::http,
            .host = connectable(address.host),
            .port = std::to_string(address.port),
            .target = "/"}};
    if (speaks_tls) listener.trusted_certificate = config.tls.certificate_file;
    return listener;
}

}  // namespace postern::daemon
