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

namespace postern::daemon {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

constexpr std::uint64_t kReplyBytesMax = 1024 * 1024;

using Message = http::request<http::string_body>;

struct Exchange {
    const PostRequest& request;
    Message message;
    PostReply reply;
};

Message to_message(const PostRequest& request) {
    Message message;
    message.version(11);
    message.method_string(request.method);
    message.target(request.url.target);
    message.set(http::field::host, host_field(request.url));
    for (const auto& [name, value] : request.headers) message.insert(name, value);
    message.set(http::field::connection, "close");
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
}

asio::awaitable<void> connect(beast::tcp_stream& stream, const PostRequest& request) {
    stream.expires_after(request.timeout);
    tcp::resolver resolver{stream.get_executor()};
    const auto places =
        co_await resolver.async_resolve(request.url.host, request.url.port, asio::use_awaitable);
    co_await stream.async_connect(places, asio::use_awaitable);
}

asio::awaitable<void> run_plain(beast::tcp_stream& stream, Exchange& exchange) {
    co_await connect(stream, exchange.request);
    co_await write_and_read(stream, exchange);
}

void set_trust(beast::ssl_stream<beast::tcp_stream>& stream, const PostRequest& request) {
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

asio::awaitable<void> run_tls(beast::ssl_stream<beast::tcp_stream>& stream, Exchange& exchange) {
    co_await connect(beast::get_lowest_layer(stream), exchange.request);
    co_await stream.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
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

void run(Exchange& exchange) {
    asio::io_context context{1};
    std::exception_ptr failure;
    const auto finished = [&failure](std::exception_ptr error) {
        failure = std::move(error);
    };
    if (exchange.request.url.scheme == UrlScheme::https) {
        asio::ssl::context tls = tls_context(exchange.request);
        beast::ssl_stream<beast::tcp_stream> stream{context, tls};
        set_trust(stream, exchange.request);
        asio::co_spawn(context, run_tls(stream, exchange), finished);
        context.run();
    } else {
        beast::tcp_stream stream{context};
        asio::co_spawn(context, run_plain(stream, exchange), finished);
        context.run();
    }
    if (failure) std::rethrow_exception(failure);
}

}  // namespace

Result<PostReply, Complaint> http_post(const PostRequest& request) {
    Exchange exchange{.request = request, .message = to_message(request)};
    try {
        run(exchange);
        return std::move(exchange.reply);
    } catch (const boost::system::system_error& error) {
        std::string message = host_field(request.url);
        message += ": ";
        message += error.code().message();
        if (error.code() == asio::error::connection_refused) {
            message += "; is `postern serve` running there?";
        }
        return Complaint{std::move(message)};
    }
}

}  // namespace postern::daemon
