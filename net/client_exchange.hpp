#pragma once

#include "net/connection_pool.hpp"
#include "net/response_reader.hpp"

namespace postern::net {

// One request and its answer, over a new connection or a kept one. Fills in the answer; every
// failure ends up there too.
class ClientExchange {
 public:
    using Clock = std::chrono::steady_clock;
    struct Surroundings {
        const ClientLimits& limits;
        const ResponseLimits& response_limits;
        ActiveConnections& active;
        Clock::time_point started;  // of the whole, an earlier exchange over a dead one included
    };

    ClientExchange(
        const OutboundRequest& request,
        const Surroundings& around,
        OutboundAnswer& answer
    );

    Task<void> run_over_kept(KeptConnection& kept);
    Task<void> run_over_new(KeptConnection& fresh);

    // The exchange ended clean and nothing is left unread.
    bool leaves_usable(ClientConnection& connection) const;
    // A kept connection that was dead already: nobody can have answered.
    bool found_it_dead() const;

 private:
    using Opened = ClientConnection::Opened;
    using Progress = ResponseReader::Progress;

    // Dials the vetted addresses in order, through the proxy if there is one, and starts TLS.
    Task<bool> open(KeptConnection& fresh);
    Task<Opened> reach(KeptConnection& kept, std::optional<IpAddress> address);
    Task<Opened> open_tunnel(ClientConnection& connection, std::string authority);
    // Sends the request and reads the answer.
    Task<void> converse(ClientConnection& connection);
    Task<bool> write_all(ClientConnection& connection);
    Task<void> read_answer(ClientConnection& connection);

    void write_head(std::string& output) const;
    bool judge_end(ClientConnection& connection, Transfer got);
    void judge(Progress progress);
    void finish();
    void fail(OutboundError error, std::string detail);
    void set_phase_deadline(ClientConnection& connection, std::chrono::milliseconds phase) const;

    const OutboundRequest* request_;
    Surroundings around_;
    OutboundAnswer* answer_;
    ResponseReader reader_;
    Clock::time_point deadline_;
    Clock::time_point asked_;
    bool heard_ = false;  // at least a byte of an answer
    bool ended_ = false;  // the peer closed or reset before it said a byte
    bool complete_ = false;
    bool sent_whole_ = true;
};

// False when a part of the request could be read as something else: a line end in a field, a blank
// in the target. Values are checked where they are stored too; nothing that slipped through is
// sent.
bool is_sendable(const OutboundRequest& request);

}  // namespace postern::net
