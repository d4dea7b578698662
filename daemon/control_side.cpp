#include "daemon/control_side.hpp"

#include "core/log.hpp"
#include "daemon/assembly.hpp"

namespace postern::daemon {
namespace {

constexpr std::string_view kSocketName = "control.sock";
constexpr std::string_view kOff = "off";
constexpr std::size_t kConnectionsMax = 32;
// A body larger than this is none of ours.
constexpr std::size_t kBodyBytesMax = 64 * 1024;
// Nothing that is asked here has to be finished: a command is told that the daemon hung up.
constexpr std::chrono::milliseconds kStopPatience{1'000};

net::LocalServerOptions server_options(const config::Config& config) {
    net::HttpLimits limits = http_limits(config);
    limits.connections_max = kConnectionsMax;
    limits.body_bytes_max = kBodyBytesMax;
    limits.shutdown_timeout = kStopPatience;
    return {.name = "control", .path = control_socket_path(config), .limits = limits};
}

// The writer stops taking events below the low-water mark, so a copy ends well above it.
BackupKeeper::Parts keeper_parts(const ControlSide::Parts& parts) {
    const storage::SqliteOptions store = store_options(parts.config);
    return {
        .database = parts.database,
        .clock = parts.clock,
        .store = store.directory,
        .free_bytes_kept = 2 * store.limits.low_water_bytes};
}

}  // namespace

std::filesystem::path control_socket_path(const config::Config& config) {
    if (config.control_socket == kOff) return {};
    if (!config.control_socket.empty()) return config.control_socket;
    return config.data_dir / kSocketName;
}

ControlSide::ControlSide(const Parts& parts)
    : path_{control_socket_path(parts.config)},
      backups_{keeper_parts(parts)},
      handler_{
          {.backups = backups_,
           .data_dir = std::filesystem::absolute(parts.config.data_dir).lexically_normal()}},
      server_{
          {.thread = runtime_.thread(0), .handler = handler_, .metrics = parts.metrics},
          server_options(parts.config)} {}

ControlSide::~ControlSide() {
    stop();
}

Result<void, Complaint> ControlSide::start() {
    if (path_.empty()) return {};
    if (path_.native().size() > net::LocalServer::kPathBytesMax) {
        log::warn(
            "control.off", {{"why", "the path is too long for a socket"}, {"path", path_.native()}}
        );
        return {};
    }
    if (const auto started = server_.start(); !started) return started.error();
    runtime_.start();
    phase_ = Phase::running;
    return {};
}

void ControlSide::stop() {
    if (phase_ != Phase::running) return;
    phase_ = Phase::stopped;
    server_.stop();
    runtime_.stop();
    backups_.stop();  // nobody is left who could begin another
}

}  // namespace postern::daemon
