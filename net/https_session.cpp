#include "net/session_body.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

namespace postern::net {

namespace ssl = boost::asio::ssl;

class TlsContext {
 public:
    TlsContext() : context_{ssl::context::tls_server} {}
    ssl::context& get() { return context_; }

 private:
    ssl::context context_;
};

namespace {

class TlsTransport {
 public:
    static constexpr bool kEncrypted = true;

    TlsTransport(Tcp::socket socket, std::shared_ptr<TlsContext> tls)
        : tls_{std::move(tls)}, stream_{std::move(socket), tls_->get()} {}

    Tcp::socket& socket() { return stream_.next_layer(); }
    ssl::stream<Tcp::socket>& stream() { return stream_; }

    Task<bool> handshake(InputBuffer&) {
        const auto [error] =
            co_await stream_.async_handshake(ssl::stream_base::server, kAwaitTuple);
        co_return !error;
    }

    std::size_t try_write(std::string_view) { return 0; }  // encryption needs the stream's turn

    bool has_unread() {
        ErrorCode error;
        return SSL_pending(stream_.native_handle()) > 0
               || (socket().available(error) > 0 && !error);
    }

    Task<void> say_goodbye() {
        const auto [error] = co_await stream_.async_shutdown(kAwaitTuple);
        (void)error;  // the peer may not answer our close_notify; the deadline ends the wait
        ErrorCode ignored;
        socket().shutdown(Tcp::socket::shutdown_send, ignored);
    }

 private:
    std::shared_ptr<TlsContext> tls_;
    ssl::stream<Tcp::socket> stream_;
};

Complaint tls_complaint(std::string_view file, const ErrorCode& error) {
    std::string message = "cannot use ";
    message += file;
    message += " for TLS: ";
    message += error.message();
    return Complaint{std::move(message)};
}

}  // namespace

Result<std::shared_ptr<TlsContext>, Complaint> make_tls_context(const TlsFiles& files) {
    auto tls = std::make_shared<TlsContext>();
    SSL_CTX* native = tls->get().native_handle();
    const bool only_1_3 = files.min_version == TlsFiles::MinVersion::v1_3;
    SSL_CTX_set_min_proto_version(native, only_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
    SSL_CTX_set_options(
        native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE
    );
    SSL_CTX_set_cipher_list(native, "ECDHE+AESGCM:ECDHE+CHACHA20");
    ErrorCode error;
    tls->get().use_certificate_chain_file(files.certificate_file, error);
    if (error) return tls_complaint(files.certificate_file, error);
    tls->get().use_private_key_file(files.key_file, ssl::context::pem, error);
    if (error) return tls_complaint(files.key_file, error);
    if (SSL_CTX_check_private_key(native) != 1) {
        return Complaint{
            "the TLS key " + files.key_file + " does not belong to the certificate "
            + files.certificate_file};
    }
    return tls;
}

std::int64_t certificate_expires_at(TlsContext& tls) {
    const X509* certificate = SSL_CTX_get0_certificate(tls.get().native_handle());
    std::tm calendar{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &calendar) != 1) return 0;
    return timegm(&calendar);
}

Task<void> serve_https(
    AcceptedConnection connection,
    SessionList& list,
    SessionSurroundings surroundings,
    std::shared_ptr<TlsContext> tls
) {
    auto session = std::make_unique<HttpSession<TlsTransport>>(
        TlsTransport{std::move(connection.socket), std::move(tls)},
        connection.peer,
        list,
        surroundings
    );
    co_await session->run();
}

}  // namespace postern::net
