#include "daemon/http_post.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <openssl/ssl.h>

#include <atomic>
#include <exception>
#include <optional>

namespace postern::daemon {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

using ErrorCode = boost::system::error_code;
using Message = http::request<http::string_body>;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

enum class Connecting { to_be_done, done };
enum class Afterwards { close, keep };

struct Exchange {
    const PostRequest& request;
    const std::atomic<bool>& abandoned;
    Message message;
    Connecting connecting = Connecting::to_be_done;
    Afterwards afterwards = Afterwards::close;
    PostReply reply;
};

// Asked wherever the next step would begin something that nobody closes any more.
void stop_if_abandoned(const Exchange& exchange) {
    if (exchange.abandoned) throw boost::system::system_error{asio::error::operation_aborted};
}

Message to_message(const PostRequest& request, Afterwards afterwards) {
    Message message;
    message.version(11);
    message.method_string(request.method);
    message.target(request.url.target);
    message.set(http::field::host, host_field(request.url));
    for (const auto& [name, value] : request.headers) message.insert(name, value);
    message.keep_alive(afterwards == Afterwards::keep);
    message.body() = request.body;
    message.prepare_payload();
    return message;
}

PostReply to_reply(const http::response<http::string_body>& message) {
    PostReply reply{.status = static_cast<int>(message.result_int()), .body = message.body()};
    for (const auto& field : message) {
        reply.headers.emplace_back(field.name_string(), field.value());
    }
    return reply;
}

template <class Stream>
asio::awaitable<void> write_and_read(Stream& stream, Exchange& exchange) {
    co_await http::async_write(stream, exchange.message, asio::use_awaitable);
    beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(exchange.request.reply_bytes_max);
    co_await http::async_read(stream, buffer, parser, asio::use_awaitable);
    exchange.reply = to_reply(parser.get());
    if (!parser.get().keep_alive()) exchange.afterwards = Afterwards::close;
}

asio::awaitable<void> connect(beast::tcp_stream& stream, const Exchange& exchange) {
    const HttpUrl& url = exchange.request.url;
    tcp::resolver resolver{stream.get_executor()};
    const auto places = co_await resolver.async_resolve(url.host, url.port, asio::use_awaitable);
    stop_if_abandoned(exchange);
    co_await stream.async_connect(places, asio::use_awaitable);
}

asio::awaitable<void> run_plain(beast::tcp_stream& stream, Exchange& exchange) {
    stream.expires_after(exchange.request.timeout);
    if (exchange.connecting == Connecting::to_be_done) {
        co_await connect(stream, exchange);
    }
    co_await write_and_read(stream, exchange);
}

void set_trust(TlsStream& stream, const PostRequest& request) {
    stream.set_verify_mode(asio::ssl::verify_peer);
    // Fails only without memory, and then the handshake fails too.
    std::string name = request.url.host;
    SSL_ctrl(
        stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()
    );
    if (request.trusted_certificate.empty()) {
        stream.set_verify_callback(asio::ssl::host_name_verification{request.url.host});
    }
}

asio::awaitable<void> run_tls(TlsStream& stream, Exchange& exchange) {
    beast::get_lowest_layer(stream).expires_after(exchange.request.timeout);
    if (exchange.connecting == Connecting::to_be_done) {
        co_await connect(beast::get_lowest_layer(stream), exchange);
        co_await stream.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
    }
    co_await write_and_read(stream, exchange);
}

// A leaf that is trusted by itself needs no path to a root.
asio::ssl::context tls_context(const PostRequest& request) {
    asio::ssl::context context{asio::ssl::context::tls_client};
    if (request.trusted_certificate.empty()) {
        context.set_default_verify_paths();
        return context;
    }
    context.load_verify_file(request.trusted_certificate.string());
    X509_STORE* store = SSL_CTX_get_cert_store(context.native_handle());
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
    return context;
}

Complaint complaint_of(const HttpUrl& url, const boost::system::error_code& error) {
    std::string message = host_field(url);
    message += ": ";
    message += error.message();
    if (error == asio::error::connection_refused) message += "; is `postern serve` running there?";
    return Complaint{std::move(message)};
}

// The connection of one or of many exchanges, and all that runs on it.
struct Line {
    asio::io_context context{1};
    std::optional<asio::ssl::context> tls = std::nullopt;
    std::optional<beast::tcp_stream> plain = std::nullopt;
    std::optional<TlsStream> secure = std::nullopt;
    std::atomic<bool> abandoned{false};

    bool is_open() const { return plain || secure; }
    void close() {
        secure.reset();
        plain.reset();
        tls.reset();
    }
    void open(const PostRequest& request) {
        if (request.url.scheme == UrlScheme::http) {
            plain.emplace(context);
            return;
        }
        tls.emplace(tls_context(request));
        secure.emplace(context, *tls);
        set_trust(*secure, request);
    }
    // Whoever waits for a closed stream hears of it, and the line is closed in an orderly way.
    void cut() {
        if (plain) plain->close();
        if (secure) beast::get_lowest_layer(*secure).close();
    }
};

asio::awaitable<void> run_exchange(Line& line, Exchange& exchange) {
    stop_if_abandoned(exchange);
    if (line.secure) {
        co_await run_tls(*line.secure, exchange);
    } else {
        co_await run_plain(*line.plain, exchange);
    }
}

void run(Line& line, Exchange& exchange) {
    exchange.connecting = line.is_open() ? Connecting::done : Connecting::to_be_done;
    if (!line.is_open()) line.open(exchange.request);
    std::exception_ptr failure;
    const auto finished = [&failure](std::exception_ptr error) {
        failure = std::move(error);
    };
    line.context.restart();
    asio::co_spawn(line.context, run_exchange(line, exchange), finished);
    line.context.run();
    if (failure || exchange.afterwards == Afterwards::close) line.close();
    if (failure) std::rethrow_exception(failure);
}

Result<PostReply, ErrorCode>
post_over(Line& line, const PostRequest& request, Afterwards afterwards) {
    Exchange exchange{
        .request = request,
        .abandoned = line.abandoned,
        .message = to_message(request, afterwards),
        .afterwards = afterwards,
        .reply = {}};
    try {
        run(line, exchange);
        return std::move(exchange.reply);
    } catch (const boost::system::system_error& error) {
        return error.code();
    }
}

Result<PostReply, Complaint>
or_complaint(const PostRequest& request, Result<PostReply, ErrorCode> reply) {
    if (!reply) return complaint_of(request.url, reply.error());
    return std::move(*reply);
}

}  // namespace

Result<PostReply, Complaint> http_post(const PostRequest& request) {
    Line line;
    return or_complaint(request, post_over(line, request, Afterwards::close));
}

struct KeptConnection::Impl {
    Line line;
};

KeptConnection::KeptConnection() : impl_{std::make_unique<Impl>()} {}
KeptConnection::~KeptConnection() = default;

Result<PostReply, Complaint> KeptConnection::post(const PostRequest& request) {
    const bool was_open = impl_->line.is_open();
    auto reply = post_over(impl_->line, request, Afterwards::keep);
    if (!reply && was_open && reply.error() != beast::error::timeout) {
        reply = post_over(impl_->line, request, Afterwards::keep);
    }
    return or_complaint(request, std::move(reply));
}

void KeptConnection::abandon() {
    Line& line = impl_->line;
    line.abandoned = true;
    asio::post(line.context, [&line] { line.cut(); });
}

}  // namespace postern::daemon
