#include "net/tls_client.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cerrno>
#include <map>
#include <mutex>
#include <sys/socket.h>

namespace postern::net {
namespace {

constexpr std::size_t kSessionsMax = 1024;
constexpr long kSessionSeconds = 600;  // a certificate that ran out is found out after that
constexpr int kSecurityLevel = 2;      // no keys under 2048 bits, no SHA-1 signatures
constexpr unsigned char kProtocols[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

template <auto Free>
struct Freed {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};
using BioPointer = std::unique_ptr<BIO, Freed<BIO_free>>;
using CertificatePointer = std::unique_ptr<X509, Freed<X509_free>>;
using KeyPointer = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using SessionPointer = std::unique_ptr<SSL_SESSION, Freed<SSL_SESSION_free>>;

int socket_of(BIO* bio) {
    return *static_cast<const int*>(BIO_get_data(bio));
}

bool would_block() {
    return errno == EAGAIN || errno == EINTR;
}

int send_bytes(BIO* bio, const char* from, int size) {
    BIO_clear_retry_flags(bio);
    constexpr int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
    const ssize_t sent = ::send(socket_of(bio), from, static_cast<std::size_t>(size), flags);
    if (sent < 0 && would_block()) BIO_set_retry_write(bio);
    return static_cast<int>(sent);
}

int receive_bytes(BIO* bio, char* to, int size) {
    BIO_clear_retry_flags(bio);
    const ssize_t got = ::recv(socket_of(bio), to, static_cast<std::size_t>(size), MSG_DONTWAIT);
    if (got < 0 && would_block()) BIO_set_retry_read(bio);
    return static_cast<int>(got);
}

long control(BIO*, int command, long, void*) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* make_socket_method() {
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "postern");
    if (method == nullptr) return nullptr;
    BIO_meth_set_write(method, send_bytes);
    BIO_meth_set_read(method, receive_bytes);
    BIO_meth_set_ctrl(method, control);
    return method;
}

const BIO_METHOD* socket_method() {
    static const BIO_METHOD* const method = make_socket_method();
    return method;
}

std::string library_failure() {
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return reason == nullptr ? "no reason given" : reason;
}

Complaint complaint(std::string_view what) {
    std::string message{what};
    message += ": ";
    message += library_failure();
    return Complaint{std::move(message)};
}

BioPointer reading(const std::string& text) {
    return BioPointer{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

// OpenSSL would ask the terminal for the passphrase of an encrypted key.
int no_passphrase(char*, int, int, void*) {
    return -1;
}

std::vector<CertificatePointer> read_certificates(const std::string& pem) {
    std::vector<CertificatePointer> certificates;
    const BioPointer bio = reading(pem);
    while (bio != nullptr) {
        CertificatePointer next{PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr)};
        if (next == nullptr) break;
        certificates.push_back(std::move(next));
    }
    ERR_clear_error();  // the end of the text counts as an error there
    return certificates;
}

Result<void, Complaint> trust(SSL_CTX* context, const std::string& ca_pem) {
    if (ca_pem.empty()) {
        if (SSL_CTX_set_default_verify_paths(context) == 1) return {};
        return complaint("cannot load the system's trusted certificates");
    }
    const auto roots = read_certificates(ca_pem);
    if (roots.empty()) return Complaint{"the CA bundle holds no certificate"};
    for (const CertificatePointer& root : roots) {
        if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), root.get()) != 1) {
            return complaint("cannot use a certificate of the CA bundle");
        }
    }
    return {};
}

Result<void, Complaint> identify(SSL_CTX* context, const TlsClient::Options& options) {
    if (options.certificate_pem.empty() && options.key_pem.empty()) return {};
    const auto chain = read_certificates(options.certificate_pem);
    if (chain.empty()) return Complaint{"the client certificate cannot be read"};
    if (SSL_CTX_use_certificate(context, chain.front().get()) != 1) {
        return complaint("the client certificate cannot be used");
    }
    for (std::size_t i = 1; i < chain.size(); ++i) {
        // The macro for it casts in the old style.
        if (SSL_CTX_ctrl(context, SSL_CTRL_CHAIN_CERT, 1, chain[i].get()) != 1) {
            return complaint("a certificate of the client's chain cannot be used");
        }
    }
    const BioPointer bio = reading(options.key_pem);
    const KeyPointer key{PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr)};
    if (key == nullptr || SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
        return complaint("the client key cannot be used");
    }
    if (SSL_CTX_check_private_key(context) == 1) return {};
    return complaint("the client key does not belong to the certificate");
}

}  // namespace

// Sessions are kept by the name they were verified for. Several io threads share one context.
struct TlsClient::Context {
    Context() : native{SSL_CTX_new(TLS_client_method())} {}
    ~Context() { SSL_CTX_free(native); }
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    void configure() const;
    void keep(const std::string& name, SSL_SESSION* session) const;
    void resume(SSL* ssl, const std::string& name) const;
    static int on_new_session(SSL* ssl, SSL_SESSION* session);

    SSL_CTX* native;
    mutable std::mutex mutex;
    mutable std::map<std::string, SessionPointer> sessions;
};

void TlsClient::Context::configure() const {
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_security_level(native, kSecurityLevel);
    SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    // The last two are for servers of ten years ago, which merchants still run: forward secret too.
    constexpr const char* ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:ECDHE+AES";
    SSL_CTX_set_cipher_list(native, ciphers);
    SSL_CTX_set_mode(
        native,
        SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
            | SSL_MODE_RELEASE_BUFFERS
    );
    SSL_CTX_set_verify(native, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_alpn_protos(native, kProtocols, sizeof kProtocols);
    SSL_CTX_set_session_cache_mode(
        native, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE
    );
    SSL_CTX_set_timeout(native, kSessionSeconds);
    SSL_CTX_sess_set_new_cb(native, on_new_session);
}

int TlsClient::Context::on_new_session(SSL* ssl, SSL_SESSION* session) {
    auto* owner = static_cast<TlsSession*>(SSL_get_app_data(ssl));
    if (owner == nullptr || SSL_get_verify_result(ssl) != X509_V_OK) return 0;
    owner->client_->context().keep(owner->peer_.server_name, session);
    return 1;
}

void TlsClient::Context::keep(const std::string& name, SSL_SESSION* session) const {
    SessionPointer kept{session};
    const std::lock_guard lock{mutex};
    if (sessions.size() >= kSessionsMax && !sessions.contains(name)) {
        sessions.erase(sessions.begin());
    }
    sessions[name] = std::move(kept);
}

void TlsClient::Context::resume(SSL* ssl, const std::string& name) const {
    const std::lock_guard lock{mutex};
    const auto found = sessions.find(name);
    if (found == sessions.end()) return;
    if (SSL_SESSION_is_resumable(found->second.get()) == 1) {
        SSL_set_session(ssl, found->second.get());
    } else {
        sessions.erase(found);
    }
}

TlsClient::TlsClient(std::unique_ptr<Context> context) : context_{std::move(context)} {}

TlsClient::~TlsClient() = default;

Result<std::shared_ptr<const TlsClient>, Complaint> TlsClient::make(const Options& options) {
    auto context = std::make_unique<Context>();
    if (context->native == nullptr) return complaint("cannot use TLS");
    context->configure();
    if (const auto trusted = trust(context->native, options.ca_pem); !trusted) {
        return trusted.error();
    }
    if (const auto identified = identify(context->native, options); !identified) {
        return identified.error();
    }
    return std::shared_ptr<const TlsClient>{new TlsClient{std::move(context)}};
}

std::unique_ptr<TlsSession>
TlsSession::make(std::shared_ptr<const TlsClient> client, TlsPeer peer) {
    SSL* ssl = SSL_new(client->context().native);
    if (ssl == nullptr) return nullptr;
    std::unique_ptr<TlsSession> session{new TlsSession{std::move(client), std::move(peer), ssl}};
    if (!session->prepare()) return nullptr;
    return session;
}

TlsSession::TlsSession(std::shared_ptr<const TlsClient> client, TlsPeer peer, SSL* ssl)
    : client_{std::move(client)}, peer_{std::move(peer)}, ssl_{ssl} {
    SSL_set_app_data(ssl_, this);
}

bool TlsSession::prepare() {
    BIO* bio = BIO_new(socket_method());
    if (bio == nullptr) return false;
    BIO_set_data(bio, &peer_.socket);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_, bio, bio);
    X509_VERIFY_PARAM* wanted = SSL_get0_param(ssl_);
    const std::string& name = peer_.server_name;
    if (parse_ip_address(name)) {
        if (X509_VERIFY_PARAM_set1_ip_asc(wanted, name.c_str()) != 1) return false;
    } else {
        // "f*.example.com" matches nothing, and a subject's common name proves nothing.
        X509_VERIFY_PARAM_set_hostflags(
            wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT
        );
        if (name.empty() || X509_VERIFY_PARAM_set1_host(wanted, name.data(), name.size()) != 1) {
            return false;
        }
        // The macro for it casts in the old style.
        std::string indicated = name;
        constexpr int command = SSL_CTRL_SET_TLSEXT_HOSTNAME;
        if (SSL_ctrl(ssl_, command, TLSEXT_NAMETYPE_host_name, indicated.data()) != 1) return false;
    }
    client_->context().resume(ssl_, name);
    SSL_set_connect_state(ssl_);
    return true;
}

TlsSession::~TlsSession() {
    if (state_ == State::open) SSL_shutdown(ssl_);
    // Freed without it, OpenSSL takes the session for a bad one and never resumes it.
    SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(ssl_);
    ERR_clear_error();
}

Transfer TlsSession::outcome_of(int returned) {
    switch (SSL_get_error(ssl_, returned)) {
        case SSL_ERROR_WANT_READ: return {Transfer::Outcome::want_read, 0};
        case SSL_ERROR_WANT_WRITE: return {Transfer::Outcome::want_write, 0};
        case SSL_ERROR_ZERO_RETURN: return {Transfer::Outcome::ended, 0};
        case SSL_ERROR_SSL:
            state_ = State::broken;
            failure_ = library_failure();
            return {Transfer::Outcome::failed, 0};
        default:  // the socket failed or ended below us
            state_ = State::broken;
            return {Transfer::Outcome::failed, 0};
    }
}

Transfer TlsSession::handshake() {
    ERR_clear_error();
    const int returned = SSL_do_handshake(ssl_);
    if (returned != 1) return outcome_of(returned);
    state_ = State::open;
    return {Transfer::Outcome::done, 0};
}

Transfer TlsSession::read(char* to, std::size_t bytes_max) {
    ERR_clear_error();
    std::size_t count = 0;
    const int returned = SSL_read_ex(ssl_, to, bytes_max, &count);
    return returned == 1 ? Transfer{Transfer::Outcome::done, count} : outcome_of(returned);
}

Transfer TlsSession::write(const char* from, std::size_t bytes) {
    ERR_clear_error();
    std::size_t count = 0;
    const int returned = SSL_write_ex(ssl_, from, bytes, &count);
    return returned == 1 ? Transfer{Transfer::Outcome::done, count} : outcome_of(returned);
}

bool TlsSession::has_unread() {
    ERR_clear_error();
    char next = 0;
    std::size_t count = 0;
    const int returned = SSL_peek_ex(ssl_, &next, 1, &count);
    return returned == 1 || outcome_of(returned).outcome != Transfer::Outcome::want_read;
}

bool TlsSession::peer_is_untrusted() const {
    return SSL_get_verify_result(ssl_) != X509_V_OK;
}

std::string TlsSession::failure() const {
    const long verdict = SSL_get_verify_result(ssl_);
    if (verdict != X509_V_OK) return X509_verify_cert_error_string(verdict);
    return failure_;
}

}  // namespace postern::net
