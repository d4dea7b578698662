#include "daemon/commands/private_listener.hpp"

#include <CLI/CLI.hpp>

#include <utility>

namespace postern::daemon::commands {
namespace {

// A probe that takes longer says enough.
constexpr std::chrono::seconds kPatience{5};

}  // namespace

void add_admin_option(CLI::App& command, std::string& admin_url) {
    command.add_option(
        "--admin-url",
        admin_url,
        "The daemon's private address; else POSTERN_ADMIN_URL, else that of the configuration"
    );
}

std::string local_url_of(const config::ListenAddress& listen) {
    config::ListenAddress reached = listen;
    if (reached.host == "0.0.0.0") reached.host = "127.0.0.1";
    if (reached.host == "::") reached.host = "::1";
    return "http://" + config::to_text(reached);
}

ApiAccess completed_beside(
    const config::Config& config,
    ApiAccess access,
    const config::Environment& environment
) {
    const bool is_said = !access.url.empty() || environment.contains("POSTERN_URL");
    const bool speaks_tls = config.tls.enabled() && !config.tls.listen;
    if (!is_said && speaks_tls) access.url = config.public_url;  // a certificate is for its name
    if (!is_said && !speaks_tls && config.listen.port != 0) {
        access.url = local_url_of(config.listen);
    }
    return completed(std::move(access), environment);
}

std::string admin_url(const AdminUrlSources& sources, const config::Environment& environment) {
    if (!sources.said.empty()) return sources.said;
    const auto found = environment.find("POSTERN_ADMIN_URL");
    if (found != environment.end() && !found->second.empty()) return found->second;
    return local_url_of(sources.listen);
}

Result<PostRequest, Complaint> private_request(const std::string& admin_url, const char* path) {
    auto url = parse_http_url(admin_url);
    if (!url) return Complaint{"--admin-url must be a URL like http://127.0.0.1:9090"};
    url->target = path;
    return PostRequest{.url = std::move(*url), .method = "GET", .timeout = kPatience};
}

}  // namespace postern::daemon::commands
