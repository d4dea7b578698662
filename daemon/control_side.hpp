#pragma once

#include "config/config.hpp"
#include "core/metrics.hpp"
#include "daemon/backup_keeper.hpp"
#include "daemon/control_handler.hpp"
#include "net/local_server.hpp"

#include <memory>

namespace postern::daemon {

// Where the control socket is; empty: there is none.
std::filesystem::path control_socket_path(const config::Config& config);

// The control socket and all behind it, on a thread of its own: it answers while the io threads are
// busy, and what it waits for holds up nobody else.
class ControlSide {
 public:
    struct Parts {
        const config::Config& config;
        storage::Database& database;
        const Clock& clock;
        MetricRegistry& metrics;
    };
    explicit ControlSide(const Parts& parts);
    ~ControlSide();  // stops
    ControlSide(const ControlSide&) = delete;
    ControlSide& operator=(const ControlSide&) = delete;

    // A path that is too long for a socket is no reason not to serve: there is a warning, and no
    // socket.
    Result<void, Complaint> start();
    void stop();

 private:
    std::filesystem::path path_;
    BackupKeeper backups_;
    ControlHandler handler_;
    net::Runtime runtime_{1};
    net::LocalServer server_;
    enum class Phase { new_made, running, stopped };
    Phase phase_ = Phase::new_made;
};

}  // namespace postern::daemon
