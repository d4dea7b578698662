#include "daemon/http_post.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <openssl/ssl.h>

#include <exception>
#include <optional>

namespace postern::daemon {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

constexpr std::uint64_t kReplyBytesMax = 1024 * 1024;

using Message = http::request<http::string_body>;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

enum class Connecting { to_be_done, done };
enum class Afterwards { close, keep };

struct Exchange {
    const PostRequest& request;
    Message message;
    Connecting connecting = Connecting::to_be_done;
    Afterwards afterwards = Afterwards::close;
    PostReply reply;
};

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
    parser.body_limit(kReplyBytesMax);
    co_await http::async_read(stream, buffer, parser, asio::use_awaitable);
    exchange.reply = to_reply(parser.get());
    if (!parser.get().keep_alive()) exchange.afterwards = Afterwards::close;
}

asio::awaitable<void> connect(beast::tcp_stream& stream, const PostRequest& request) {
    tcp::resolver resolver{stream.get_executor()};
    const auto places =
        co_await resolver.async_resolve(request.url.host, request.url.port, asio::use_awaitable);
    co_await stream.async_connect(places, asio::use_awaitable);
}

asio::awaitable<void> run_plain(beast::tcp_stream& stream, Exchange& exchange) {
    stream.expires_after(exchange.request.timeout);
    if (exchange.connecting == Connecting::to_be_done) {
        co_await connect(stream, exchange.request);
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
        co_await connect(beast::get_lowest_layer(stream), exchange.request);
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
};

void run(Line& line, Exchange& exchange) {
    exchange.connecting = line.is_open() ? Connecting::done : Connecting::to_be_done;
    if (!line.is_open()) line.open(exchange.request);
    std::exception_ptr failure;
    const auto finished = [&failure](std::exception_ptr error) {
        failure = std::move(error);
    };
    line.context.restart();
    if (line.secure) {
        asio::co_spawn(line.context, run_tls(*line.secure, exchange), finished);
    } else {
        asio::co_spawn(line.context, run_plain(*line.plain, exchange), finished);
    }
    line.context.run();
    if (failure || exchange.afterwards == Afterwards::close) line.close();
    if (failure) std::rethrow_exception(failure);
}

Result<PostReply, Complaint>
post_over(Line& line, const PostRequest& request, Afterwards afterwards) {
    Exchange exchange{
        .request = request,
        .message = to_message(request, afterwards),
        .afterwards = afterwards,
        .reply = {}};
    try {
        run(line, exchange);
        return std::move(exchange.reply);
    } catch (const boost::system::system_error& error) {
        return complaint_of(request.url, error.code());
    }
}

}  // namespace

Result<PostReply, Complaint> http_post(const PostRequest& request) {
    Line line;
    return post_over(line, request, Afterwards::close);
}

struct KeptConnection::Impl {
    Line line;
};

KeptConnection::KeptConnection() : impl_{std::make_unique<Impl>()} {}
KeptConnection::~KeptConnection() = default;

Result<PostReply, Complaint> KeptConnection::post(const PostRequest& request) {
    const bool was_open = impl_->line.is_open();
    auto reply = post_over(impl_->line, request, Afterwards::keep);
    if (reply || !was_open) return reply;
    return post_over(impl_->line, request, Afterwards::keep);
}

}  // namespace postern::daemon
