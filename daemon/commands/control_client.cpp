#include "daemon/commands/control_client.hpp"

#include "core/json_document.hpp"
#include "daemon/commands/common.hpp"
#include "daemon/control_handler.hpp"
#include "net/local_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <poll.h>
#include <utility>

namespace postern::daemon::commands {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Local = asio::local::stream_protocol;
using ErrorCode = boost::system::error_code;

struct ControlClient::Line {
    asio::io_context context{1};
    Local::socket socket{context};
    std::chrono::milliseconds patience = kPatience;
    beast::flat_buffer buffer;
};

namespace {

Complaint cannot_reach(const std::filesystem::path& path, const ErrorCode& error) {
    std::string message = "no daemon answers at " + path.string() + ": " + error.message();
    message += "\n  is `postern serve` running with this --config or --data-dir?";
    if (error == boost::system::errc::permission_denied) {
        message += "\n  only root and the user that the daemon runs as may ask there";
    }
    return Complaint{std::move(message)};
}

Complaint hung_up(const ErrorCode& error) {
    return Complaint{
        "the daemon hung up: " + error.message()
        + "\n  it hears only root and the user that it runs as; its log may say more"};
}

bool is_answered(Local::socket& socket, std::chrono::milliseconds patience) {
    pollfd wait{.fd = socket.native_handle(), .events = POLLIN, .revents = 0};
    return ::poll(&wait, 1, static_cast<int>(patience.count())) != 0;
}

}  // namespace

ControlClient::ControlClient(std::unique_ptr<Line> line) : line_{std::move(line)} {}
ControlClient::ControlClient(ControlClient&&) noexcept = default;
ControlClient::~ControlClient() = default;

Result<ControlClient, Complaint>
ControlClient::connect(const std::filesystem::path& socket, std::chrono::milliseconds patience) {
    if (socket.native().size() > net::LocalServer::kPathBytesMax) {
        return Complaint{"the path " + socket.string() + " is too long for a socket"};
    }
    auto line = std::make_unique<Line>();
    line->patience = patience;
    ErrorCode error;
    line->socket.connect(Local::endpoint{socket.string()}, error);
    if (error) return cannot_reach(socket, error);
    return ControlClient{std::move(line)};
}

Result<ControlAnswer, Complaint> ControlClient::ask(const Call& call) {
    http::request<http::string_body> request;
    request.version(11);
    request.method_string(call.method);
    request.target(call.target);
    request.set(http::field::host, "postern");
    request.keep_alive(true);
    request.prepare_payload();
    ErrorCode error;
    http::write(line_->socket, request, error);
    if (error) return hung_up(error);
    if (!is_answered(line_->socket, line_->patience)) {
        return Complaint{"the daemon does not answer: it hangs, or its disk does; see its log"};
    }
    http::response_parser<http::string_body> parser;
    parser.body_limit(2 * ControlHandler::kPartBytes);
    http::read(line_->socket, line_->buffer, parser, error);
    if (error) return hung_up(error);
    auto reply = parser.release();
    return ControlAnswer{
        .status = static_cast<int>(reply.result_int()), .body = std::move(reply.body())};
}

Complaint explain_control_refusal(const ControlAnswer& answer) {
    std::string message = "the daemon answered " + std::to_string(answer.status);
    const auto document = JsonDocument::parse(answer.body);
    const JsonValue error = document ? document->root()["error"] : JsonValue{};
    if (error["message"].is_string()) message += ": " + printable(error["message"].string());
    return Complaint{std::move(message)};
}

}  // namespace postern::daemon::commands
