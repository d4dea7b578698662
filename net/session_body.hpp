#pragma once

#include "core/log.hpp"
#include "net/chunked_body.hpp"
#include "net/head_parser.hpp"
#include "net/input_buffer.hpp"
#include "net/reply_text.hpp"
#include "net/request_head.hpp"
#include "net/session.hpp"

#include <boost/asio/write.hpp>

#include <exception>

// Private to net/: one connection's conversation, over any transport. Included by exactly one
// source per transport, because each stream type is compiled anew.
namespace postern::net {

using Tcp = asio::ip::tcp;
using ErrorCode = boost::system::error_code;

template <class Transport>
class HttpSession final : public Session {
 public:
    HttpSession(
        Transport transport,
        const IpAddress& peer,
        SessionList& list,
        const SessionSurroundings& surroundings
    )
        : Session{list},
          around_{surroundings},
          transport_{std::move(transport)},
          peer_{peer},
          peer_text_{peer.to_text()} {
        body_rate_min_ = around_.limits.body_bytes_per_second_min;
        body_rate_grace_ = around_.limits.body_rate_grace;
        list_.add(*this);
    }
    ~HttpSession() override { list_.remove(*this); }

    void cancel_io() override {
        ErrorCode ignored;  // a socket that cannot be canceled is closed already
        transport_.socket().cancel(ignored);
    }
    void cut() override {
        ErrorCode ignored;
        transport_.socket().close(ignored);
    }

    Task<void> run();

 private:
    enum class Next : std::uint8_t { again, close, linger };
    enum class Got : std::uint8_t { ok, failed, refused };

    Task<Next> serve_one();
    Task<bool> read_proxy_header();
    Task<bool> read_more(std::size_t room_wanted);
    Task<Got> read_head(RequestHead& head);
    Task<Got> read_body(const RequestHead& head);
    Task<Got> read_chunked_body(const RequestHead& head);
    Task<bool> send_continue(const RequestHead& head);
    Task<bool> write_all(std::string_view bytes);
    Task<Next> refuse(int status, const RequestHead& head);
    Task<Next> send_reply(const HttpReply& reply, const RequestHead& head);
    Task<HttpReply> ask_handler(const HttpRequest& request);
    Task<void> linger();

    int early_refusal_status(const RequestHead& head, LargeBody& large) const;
    int length_refusal_status(const RequestHead& head, LargeBody& large) const;
    std::string_view path_of(const RequestHead& head) const;
    bool came_in_clear_text(const RequestHead& head) const;
    Got fail_or_refuse();
    HttpRequest build_request(const RequestHead& head) const;
    HttpRequest seen_request(const RequestHead& head) const;
    IpAddress client_address(const HttpFields& fields) const;
    bool must_close(const HttpReply& reply, const RequestHead& head);
    bool body_is_unread(const RequestHead& head) const;

    SessionSurroundings around_;
    Transport transport_;
    IpAddress peer_;
    std::string peer_text_;
    InputBuffer input_;
    std::string chunked_body_;
    std::string output_;
    int refusal_status_ = 400;
    int refusals_ = 0;
    bool served_before_ = false;
};

template <class Transport>
Task<void> HttpSession<Transport>::run() {
    enter(Phase::handshake, around_.limits.head_timeout);
    if (around_.proxy_protocol != ProxyProtocol::off && around_.trusted_proxies.contains(peer_)) {
        if (!co_await read_proxy_header()) co_return;
    }
    if (!co_await transport_.handshake(input_)) {
        around_.metrics.tls_errors.add();
        co_return;
    }
    if constexpr (Transport::kEncrypted) around_.metrics.tls_handshakes.add();
    Next next = Next::again;
    while (next == Next::again) next = co_await serve_one();
    enter(Phase::lingering, around_.limits.linger_timeout);
    co_await transport_.say_goodbye();
    if (next == Next::linger) co_await linger();
}

template <class Transport>
Task<bool> HttpSession<Transport>::read_proxy_header() {
    ProxyHeader header;
    for (;;) {
        const auto progress = parse_proxy_header(input_.view(), around_.proxy_protocol, header);
        if (progress == ProxyProgress::refused) co_return false;
        if (progress == ProxyProgress::complete) break;
        input_.make_room(1);
        // Read exactly what the header may still need: TLS bytes behind it belong to the handshake.
        const auto buffer = asio::buffer(input_.free_space(), 1);
        const auto [error, count] =
            co_await transport_.socket().async_read_some(buffer, kAwaitTuple);
        if (error) co_return false;
        input_.append(count);
    }
    input_.consume(header.bytes);
    if (header.client) {
        peer_ = *header.client;
        peer_text_ = peer_.to_text();
    }
    co_return true;
}

template <class Transport>
Task<bool> HttpSession<Transport>::read_more(std::size_t room_wanted) {
    input_.make_room(room_wanted);
    const auto buffer = asio::buffer(input_.free_space(), input_.free_bytes());
    const auto [error, count] = co_await transport_.stream().async_read_some(buffer, kAwaitTuple);
    if (error) co_return false;
    input_.append(count);
    co_return true;
}

// A deadline that struck is answered; a peer that went away is not.
template <class Transport>
auto HttpSession<Transport>::fail_or_refuse() -> Got {
    if (!expired()) return Got::failed;
    around_.metrics.timeouts.add();
    refusal_status_ = 408;
    return Got::refused;
}

template <class Transport>
auto HttpSession<Transport>::read_head(RequestHead& head) -> Task<Got> {
    constexpr std::size_t room = 2048;
    RequestHeadScanner scanner{around_.limits};
    // A client that never said anything gets a head's time; one that did may pause for longer.
    if (served_before_) {
        enter_idle(around_.limits);
    } else {
        enter_fresh(around_.limits);
    }
    for (;;) {
        // An empty line or two between requests is a habit of old clients (RFC 9112 §2.2).
        while (input_.view().substr(0, 2) == "\r\n") input_.consume(2);
        const std::string_view seen = input_.view();
        if (!seen.empty() && (phase_ == Phase::idle || phase_ == Phase::fresh)) {
            enter(Phase::head, around_.limits.head_timeout);
        }
        const bool may_be_empty_line = seen == "\r";
        if (!seen.empty() && !may_be_empty_line) {
            const auto progress = scanner.scan(seen);
            if (progress == RequestHeadScanner::Progress::complete) break;
            if (progress == RequestHeadScanner::Progress::refused) {
                refusal_status_ = scanner.refusal_status();
                co_return Got::refused;
            }
        }
        const bool idle = phase_ == Phase::idle;
        const bool read = co_await read_more(room);
        if (read) continue;
        // A stop interrupts an idle wait; what arrived meanwhile is still served.
        if (idle && list_.stopping() && !expired() && transport_.has_unread()) continue;
        if (idle && served_before_) co_return Got::failed;
        co_return fail_or_refuse();
    }
    head = scanner.head();
    co_return Got::ok;
}

// A trusted proxy says how the client came to it; the nearest one speaks last.
template <class Transport>
bool HttpSession<Transport>::came_in_clear_text(const RequestHead& head) const {
    if (Transport::kEncrypted) return false;
    const HttpFields fields = build_request(head).fields;
    if (client_address(fields).is_loopback()) return false;
    if (!around_.trusted_proxies.contains(peer_)) return true;
    const std::string_view schemes = fields.value_or_empty("x-forwarded-proto");
    return !equal_ignoring_case(trim_spaces(schemes.substr(schemes.rfind(',') + 1)), "https");
}

template <class Transport>
std::string_view HttpSession<Transport>::path_of(const RequestHead& head) const {
    const std::string_view target = origin_form(head.target(input_.view()));
    return target.substr(0, target.find('?'));
}

template <class Transport>
int HttpSession<Transport>::length_refusal_status(const RequestHead& head, LargeBody& large) const {
    const std::uint64_t length = head.content_length.value_or(0);
    if (length <= around_.limits.body_bytes_max) return 0;
    if (length > around_.handler.large_body_bytes_max(path_of(head))) return 413;
    return large.take(around_.limits.large_bodies_max) ? 0 : 503;
}

template <class Transport>
int HttpSession<Transport>::early_refusal_status(const RequestHead& head, LargeBody& large) const {
    if (head.expectation == Expectation::unknown) return 417;
    if (const int status = length_refusal_status(head, large)) return status;
    if (around_.handler.demands_tls(path_of(head)) && came_in_clear_text(head)) return 403;
    const std::string_view method = head.method(input_.view());
    const bool has_length = head.content_length.has_value() || head.chunked;
    if (!has_length && (method == "POST" || method == "PUT" || method == "PATCH")) return 411;
    return 0;
}

template <class Transport>
Task<bool> HttpSession<Transport>::send_continue(const RequestHead& head) {
    const bool wanted = head.expectation == Expectation::continue_100
                        && head.version == HttpVersion::v1_1 && body_is_unread(head);
    if (!wanted) co_return true;
    co_return co_await write_all("HTTP/1.1 100 Continue\r\n\r\n");
}

template <class Transport>
bool HttpSession<Transport>::body_is_unread(const RequestHead& head) const {
    if (head.chunked) return true;
    return input_.size() < head.bytes + head.content_length.value_or(0);
}

template <class Transport>
auto HttpSession<Transport>::read_body(const RequestHead& head) -> Task<Got> {
    if (!body_is_unread(head)) co_return Got::ok;
    enter(Phase::body, around_.limits.body_timeout);
    body_bytes_received_ = 0;
    if (!co_await send_continue(head)) co_return Got::failed;
    enter(Phase::body, around_.limits.body_timeout);
    if (head.chunked) co_return co_await read_chunked_body(head);
    const auto wanted = head.bytes + static_cast<std::size_t>(*head.content_length);
    while (input_.size() < wanted) {
        const std::size_t before = input_.size();
        // Grown as bytes arrive, so that an announced megabyte costs nothing until it is sent.
        constexpr std::size_t step = 64 * 1024;
        if (!co_await read_more(std::min(wanted - before, step))) co_return fail_or_refuse();
        body_bytes_received_ += input_.size() - before;
    }
    co_return Got::ok;
}

template <class Transport>
auto HttpSession<Transport>::read_chunked_body(const RequestHead& head) -> Task<Got> {
    ChunkedBody decoder{around_.limits};
    chunked_body_.clear();
    for (;;) {
        std::string_view input = input_.view().substr(head.bytes);
        const std::size_t before = input.size();
        const auto progress = decoder.read(input, chunked_body_);
        input_.erase(head.bytes, before - input.size());
        if (progress == ChunkedBody::Progress::complete) co_return Got::ok;
        if (progress == ChunkedBody::Progress::refused) {
            refusal_status_ = decoder.refusal_status();
            co_return Got::refused;
        }
        const std::size_t buffered = input_.size();
        constexpr std::size_t room = 4096;
        if (!co_await read_more(room)) co_return fail_or_refuse();
        body_bytes_received_ += input_.size() - buffered;
    }
}

template <class Transport>
IpAddress HttpSession<Transport>::client_address(const HttpFields& fields) const {
    if (around_.trusted_proxies.empty()) return peer_;
    std::string forwarded;
    for (const std::string_view value : fields.all("x-forwarded-for")) {
        if (!forwarded.empty()) forwarded += ',';
        forwarded += value;
    }
    return client_behind_proxies(peer_, forwarded, around_.trusted_proxies);
}

template <class Transport>
HttpRequest HttpSession<Transport>::build_request(const RequestHead& head) const {
    HttpRequest request;
    const std::string_view bytes = input_.view();
    if (!parse_request_head(bytes.substr(0, head.bytes), head, request)) {
        request.method = {};  // the two parsers disagree: the caller refuses
        return request;
    }
    const std::string_view target = origin_form(request.target);
    const auto question = target.find('?');
    request.path = target.substr(0, question);
    request.query =
        question == std::string_view::npos ? std::string_view{} : target.substr(question + 1);
    request.body =
        head.chunked
            ? std::string_view{chunked_body_}
            : bytes.substr(head.bytes, static_cast<std::size_t>(head.content_length.value_or(0)));
    request.peer_address =
        around_.trusted_proxies.empty() ? peer_text_ : client_address(request.fields).to_text();
    return request;
}

// What is known of a request that is refused; of a head that was not read whole, how it begins.
template <class Transport>
HttpRequest HttpSession<Transport>::seen_request(const RequestHead& head) const {
    HttpRequest request;
    if (head.bytes > 0) request = build_request(head);
    request.body = {};
    if (!request.path.empty()) return request;
    const RequestStart start = start_of_request(input_.view());
    request.method = start.method;
    request.path = start.path;
    return request;
}

template <class Transport>
Task<HttpReply> HttpSession<Transport>::ask_handler(const HttpRequest& request) {
    try {
        co_return co_await around_.handler.handle(request, around_.thread);
    } catch (const std::exception& exception) {
        around_.metrics.exceptions.add();
        log::error("http.exception", {{"what", exception.what()}});
    }
    HttpReply reply = around_.handler.refusal(500, request);
    reply.connection = ConnectionFate::close;
    co_return reply;
}

template <class Transport>
auto HttpSession<Transport>::serve_one() -> Task<Next> {
    RequestHead head;
    const Got got_head = co_await read_head(head);
    if (got_head == Got::failed) co_return Next::close;
    if (got_head == Got::refused) co_return co_await refuse(refusal_status_, head);
    served_before_ = true;
    LargeBody large{list_};
    if (const int status = early_refusal_status(head, large)) {
        co_return co_await refuse(status, head);
    }
    auto early = around_.handler.refuse_early(head.method(input_.view()), path_of(head));
    if (early) {
        if (body_is_unread(head)) early->connection = ConnectionFate::close;
        const Next next = co_await send_reply(*early, head);
        if (next == Next::again) {
            input_.consume(head.bytes + static_cast<std::size_t>(head.content_length.value_or(0)));
        }
        co_return next == Next::close&& body_is_unread(head) ? Next::linger : next;
    }
    const Got got_body = co_await read_body(head);
    if (got_body == Got::failed) co_return Next::close;
    if (got_body == Got::refused) co_return co_await refuse(refusal_status_, head);
    const HttpRequest request = build_request(head);
    if (request.method.empty()) co_return co_await refuse(400, head);
    around_.metrics.requests.add();
    HttpReply reply;
    if (head.coding == ContentCoding::other) {
        reply = around_.handler.refusal(415, request);
    } else {
        enter(Phase::handling, around_.limits.write_timeout);
        reply = co_await ask_handler(request);
    }
    const std::size_t consumed =
        head.bytes + (head.chunked ? 0 : static_cast<std::size_t>(head.content_length.value_or(0)));
    input_.consume(consumed);
    const Next next = co_await send_reply(reply, head);
    input_.shrink_when_idle();
    co_return next;
}

template <class Transport>
bool HttpSession<Transport>::must_close(const HttpReply& reply, const RequestHead& head) {
    if (reply.connection == ConnectionFate::close || !head.keep_alive) return true;
    if (reply.connection == ConnectionFate::keep_few) {
        if (++refusals_ >= around_.limits.refusals_per_connection_max) return true;
    }
    return list_.stopping() && input_.empty() && !transport_.has_unread();
}

template <class Transport>
auto HttpSession<Transport>::send_reply(const HttpReply& reply, const RequestHead& head)
    -> Task<Next> {
    const bool close = must_close(reply, head);
    ReplyForm form;
    if (head.is_head_request) form.body = ReplyBody::leave_out;
    if (close) {
        form.after = AfterReply::close;
    } else if (head.version == HttpVersion::v1_0) {
        form.after = AfterReply::keep_alive_said;
    }
    form.date = list_.date();
    output_.clear();
    append_reply(output_, reply, form);
    const bool written = co_await write_all(output_);
    co_return !written || close ? Next::close : Next::again;
}

template <class Transport>
auto HttpSession<Transport>::refuse(int status, const RequestHead& head) -> Task<Next> {
    around_.metrics.refusals.add();
    const HttpRequest seen = seen_request(head);
    const HttpReply reply = around_.handler.refusal(status, seen);
    const auto body = seen.method == "HEAD" ? ReplyBody::leave_out : ReplyBody::send;
    output_.clear();
    append_reply(output_, reply, {.body = body, .after = AfterReply::close, .date = list_.date()});
    const bool written = co_await write_all(output_);
    co_return written ? Next::linger : Next::close;
}

template <class Transport>
Task<bool> HttpSession<Transport>::write_all(std::string_view bytes) {
    const std::size_t sent = transport_.try_write(bytes);
    if (sent == bytes.size()) co_return true;
    enter(Phase::writing, around_.limits.write_timeout);
    const auto rest = asio::buffer(bytes.data() + sent, bytes.size() - sent);
    const auto [error, count] = co_await asio::async_write(transport_.stream(), rest, kAwaitTuple);
    co_return !error && count + sent == bytes.size();
}

// Closing with input unread makes the kernel send a reset, which can overtake our answer.
template <class Transport>
Task<void> HttpSession<Transport>::linger() {
    constexpr std::size_t room = 16 * 1024;
    std::size_t drained = 0;
    input_.consume(input_.size());
    while (drained < around_.limits.linger_bytes_max) {
        input_.make_room(room);
        const auto buffer = asio::buffer(input_.free_space(), input_.free_bytes());
        const auto [error, count] =
            co_await transport_.socket().async_read_some(buffer, kAwaitTuple);
        if (error) co_return;
        drained += count;
    }
}

}  // namespace postern::net
