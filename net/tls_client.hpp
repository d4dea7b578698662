#pragma once

#include "net/http_client.hpp"
#include "net/transfer.hpp"

#include <openssl/types.h>

#include <memory>
#include <string>

// Private to net/: TLS over one outgoing socket, without waiting. OpenSSL's own socket layer would
// raise SIGPIPE on a broken connection, so the bytes go through calls of ours.
namespace postern::net {

struct TlsPeer {
    int socket = -1;          // connected, not blocking; must stay open as long as the session
    std::string server_name;  // the name, or the address in text, that the certificate must carry
};

class TlsSession {
 public:
    // nullptr when the library has no memory, or cannot use the name.
    static std::unique_ptr<TlsSession> make(std::shared_ptr<const TlsClient> client, TlsPeer peer);
    ~TlsSession();
    TlsSession(const TlsSession&) = delete;
    TlsSession& operator=(const TlsSession&) = delete;

    Transfer handshake();
    Transfer read(char* to, std::size_t bytes_max);
    Transfer write(const char* from, std::size_t bytes);
    // Whether application bytes or an end wait to be read. Takes in what the protocol sends of
    // itself, such as the tickets that follow a handshake.
    bool has_unread();

    // After a failed handshake.
    bool peer_is_untrusted() const;
    std::string failure() const;

 private:
    friend struct TlsClient::Context;
    TlsSession(std::shared_ptr<const TlsClient> client, TlsPeer peer, SSL* ssl);
    bool prepare();
    Transfer outcome_of(int returned);

    std::shared_ptr<const TlsClient> client_;
    TlsPeer peer_;
    SSL* ssl_;
    std::string failure_;
    enum class State : std::uint8_t { handshaking, open, broken } state_ = State::handshaking;
};

}  // namespace postern::net
