#pragma once

#include "config/load.hpp"
#include "core/result.hpp"
#include "daemon/commands/api_client.hpp"
#include "daemon/http_post.hpp"

#include <string>
#include <string_view>

namespace CLI {
class App;
}  // namespace CLI

// How commands on the daemon's own machine reach it: its private listener, and its public one.
namespace postern::daemon::commands {

// --admin-url.
void add_admin_option(CLI::App& command, std::string& admin_url);

// Where whoever listens there is reached from this machine.
std::string local_url_of(const config::ListenAddress& listen);

// As completed() does it, but with the public address of this configuration for the default.
ApiAccess completed_beside(
    const config::Config& config,
    ApiAccess access,
    const config::Environment& environment
);

// The first that is not empty: what was said, POSTERN_ADMIN_URL, the configuration's address.
struct AdminUrlSources {
    std::string said;
    config::ListenAddress listen;
};
std::string admin_url(const AdminUrlSources& sources, const config::Environment& environment);

Result<PostRequest, Complaint> private_request(const std::string& admin_url, const char* path);

}  // namespace postern::daemon::commands
