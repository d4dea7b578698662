#include "net/https_fetch.hpp"

#include "core/log.hpp"
#include "net/task.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/url/parse.hpp>

#include <algorithm>
#include <exception>

namespace postern::net {
namespace {

namespace http = boost::beast::http;
namespace ssl = boost::asio::ssl;
using Tcp = asio::ip::tcp;
using TlsStream = ssl::stream<Tcp::socket>;

struct Target {
    std::string host;
    std::string path;
};

std::optional<Target> allowed_target(const FetchOrder& order) {
    const auto url = boost::urls::parse_uri(order.url);
    if (!url || url->scheme() != "https" || url->has_userinfo() || url->has_fragment()) {
        return std::nullopt;
    }
    if (url->has_port() && url->port() != "443") return std::nullopt;
    Target target{std::string{url->encoded_host()}, std::string{url->encoded_target()}};
    const auto& hosts = order.allowed_hosts;
    if (std::find(hosts.begin(), hosts.end(), target.host) == hosts.end()) return std::nullopt;
    if (target.path.empty()) target.path = "/";
    return target;
}

Task<bool> connect(TlsStream& stream, const std::string& host) {
    Tcp::resolver resolver{stream.get_executor()};
    const auto resolved = co_await resolver.async_resolve(host, "443", kAwait);
    for (const auto& entry : resolved) {
        boost::system::error_code ignored;
        stream.next_layer().close(ignored);
        const auto [error] =
            co_await stream.next_layer().async_connect(entry.endpoint(), kAwaitTuple);
        if (!error) co_return true;
    }
    co_return false;
}

Task<std::optional<FetchAnswer>>
get(ssl::context& context, const FetchOrder& order, const Target& target) {
    const auto executor = co_await asio::this_coro::executor;
    TlsStream stream{executor, context};
    stream.set_verify_callback(ssl::host_name_verification{target.host});
    // SNI; the macro for it casts in the old style.
    std::string server_name = target.host;
    SSL_ctrl(
        stream.native_handle(),
        SSL_CTRL_SET_TLSEXT_HOSTNAME,
        TLSEXT_NAMETYPE_host_name,
        server_name.data()
    );
    if (!co_await connect(stream, target.host)) co_return std::nullopt;
    co_await stream.async_handshake(ssl::stream_base::client, kAwait);
    http::request<http::empty_body> request{http::verb::get, target.path, 11};
    request.set(http::field::host, target.host);
    request.set(http::field::user_agent, "postern");
    request.set(http::field::accept, "*/*");
    request.set(http::field::connection, "close");
    if (!order.authorization.empty()) {
        request.set(http::field::authorization, order.authorization);
    }
    co_await http::async_write(stream, request, kAwait);
    boost::beast::flat_buffer buffer{order.limits.head_bytes_max + order.limits.body_bytes_max};
    http::response_parser<http::string_body> parser;
    parser.header_limit(static_cast<std::uint32_t>(order.limits.head_bytes_max));
    parser.body_limit(order.limits.body_bytes_max);
    co_await http::async_read(stream, buffer, parser, kAwait);
    co_return FetchAnswer{
        static_cast<int>(parser.get().result_int()), std::move(parser.get().body())};
}

}  // namespace

std::optional<FetchAnswer> fetch_https(const FetchOrder& order) {
    const auto target = allowed_target(order);
    if (!target) return std::nullopt;
    std::optional<FetchAnswer> answer;
    try {
        ssl::context context{ssl::context::tls_client};
        context.set_default_verify_paths();
        context.set_verify_mode(ssl::verify_peer);
        SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
        asio::io_context loop{1};
        const auto keep = [&answer](std::exception_ptr failure, std::optional<FetchAnswer> got) {
            if (failure) std::rethrow_exception(failure);
            answer = std::move(got);
        };
        asio::co_spawn(loop, get(context, order, *target), keep);
        loop.run_for(order.limits.timeout);
    } catch (const std::exception& exception) {
        log::warn("fetch.failed", {{"host", target->host}, {"what", exception.what()}});
        return std::nullopt;
    }
    if (!answer) log::warn("fetch.no_answer", {{"host", target->host}});
    return answer;
}

}  // namespace postern::net
