#pragma once

#include "daemon/backup_keeper.hpp"
#include "net/http_server.hpp"

#include <filesystem>

namespace postern::daemon {

// The face to the command line on the daemon's own machine: what no API key may do. Its thread
// serves nobody else, so it may wait for the disk.
//
//   GET    /control/                     which program this is
//   POST   /control/backups              begins a backup
//   GET    /control/backups/ID           how far it is; answers after a moment while it goes on
//   GET    /control/backups/ID/bytes     ?offset=N: the next bytes of one that is ready
//   DELETE /control/backups/ID           it is not needed any more
class ControlHandler final : public net::HttpHandler {
 public:
    struct Parts {
        BackupKeeper& backups;
        std::filesystem::path data_dir;  // where the secrets' key is
    };
    explicit ControlHandler(Parts parts) : parts_{std::move(parts)} {}

    // As much as one answer holds of a backup: what the command line's client takes at once.
    static constexpr std::size_t kPartBytes = std::size_t{1} << 20;

    std::optional<HttpReply> refuse_early(std::string_view method, std::string_view path) override;
    net::Task<HttpReply> handle(const HttpRequest& request, net::IoThread& thread) override;
    HttpReply refusal(int status, const HttpRequest& seen) override;
    void tick(net::IoThread& thread) override;

 private:
    HttpReply answer(const HttpRequest& request);
    HttpReply begin_backup();
    HttpReply show_backup(std::string_view id);
    HttpReply send_bytes(std::string_view id, const HttpRequest& request);
    HttpReply drop_backup(std::string_view id);
    HttpReply status_reply(const BackupStatus& status) const;

    Parts parts_;
};

}  // namespace postern::daemon
