#include "net/client_exchange.hpp"

#include "core/http_message.hpp"
#include "net/field_rules.hpp"

#include <algorithm>
#include <charconv>

namespace postern::net {
namespace {

bool is_visible(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

bool frames_messages(std::string_view name) {
    return equal_ignoring_case(name, "content-length") || equal_ignoring_case(name, "host")
           || equal_ignoring_case(name, "transfer-encoding");
}

bool are_field_lines(std::string_view lines) {
    while (!lines.empty()) {
        const auto end = lines.find("\r\n");
        FieldLine field;
        if (end == std::string_view::npos || !parse_field_line(lines.substr(0, end), field)
            || frames_messages(field.name)) {
            return false;
        }
        lines.remove_prefix(end + 2);
    }
    return true;
}

void append_number(std::string& text, std::size_t number) {
    char digits[20];
    const auto [end, error] = std::to_chars(std::begin(digits), std::end(digits), number);
    text.append(digits, end);
}

std::string authority_of(const OutboundRequest& request, const std::optional<IpAddress>& address) {
    std::string host = address ? address->to_text() : std::string{request.server_name};
    std::string authority;
    const bool bracketed = host.find(':') != std::string::npos;
    if (bracketed) authority += '[';
    authority += host;
    if (bracketed) authority += ']';
    authority += ':';
    append_number(authority, request.port);
    return authority;
}

// While somebody waits for a connection, its deadline counts.
class Watched {
 public:
    Watched(ActiveConnections& active, ClientConnection& connection)
        : active_{active}, connection_{connection} {
        active_.add(connection_);
    }
    ~Watched() { active_.remove(connection_); }
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;

 private:
    ActiveConnections& active_;
    ClientConnection& connection_;
};

ResponseExpectation expectation_of(const OutboundRequest& request) {
    const bool bodiless = request.method == "HEAD";
    return {
        .body_bytes_kept = request.body_bytes_kept,
        .body = bodiless ? ResponseExpectation::Body::never : ResponseExpectation::Body::as_framed};
}

bool is_blocked(const Transfer& transfer) {
    return transfer.outcome == Transfer::Outcome::want_read
           || transfer.outcome == Transfer::Outcome::want_write;
}

std::chrono::microseconds since(ClientExchange::Clock::time_point then) {
    return std::chrono::duration_cast<std::chrono::microseconds>(
        ClientExchange::Clock::now() - then
    );
}

}  // namespace

bool is_sendable(const OutboundRequest& request) {
    return is_token(request.method) && request.target.starts_with('/') && is_visible(request.target)
           && !request.host_field.empty() && is_visible(request.host_field)
           && are_field_lines(request.header_lines);
}

ClientExchange::ClientExchange(
    const OutboundRequest& request,
    const Surroundings& around,
    OutboundAnswer& answer
)
    : request_{&request},
      around_{around},
      answer_{&answer},
      reader_{around.response_limits, expectation_of(request)},
      deadline_{around.started + request.timeout},
      asked_{around.started} {}

Task<void> ClientExchange::run_over_kept(KeptConnection& kept) {
    const Watched watched{around_.active, kept.connection};
    const Destination& destination = kept.destination;
    answer_->peer = destination.proxy ? destination.proxy->address : destination.address;
    co_await converse(kept.connection);
    finish();
}

Task<void> ClientExchange::run_over_new(KeptConnection& fresh) {
    const Watched watched{around_.active, fresh.connection};
    const bool opened = co_await open(fresh);
    if (opened) co_await converse(fresh.connection);
    finish();
}

void ClientExchange::fail(OutboundError error, std::string detail) {
    answer_->error = error;
    answer_->detail = std::move(detail);
}

void ClientExchange::set_phase_deadline(
    ClientConnection& connection,
    std::chrono::milliseconds phase
) const {
    connection.set_deadline(std::min(deadline_, Clock::now() + phase));
}

Task<bool> ClientExchange::open(KeptConnection& kept) {
    const OutboundRequest& request = *request_;
    kept.destination = {
        .port = request.port, .server_name = std::string{request.server_name}, .tls = request.tls};
    if (request.proxy != nullptr) kept.destination.proxy = *request.proxy;
    std::vector<std::optional<IpAddress>> ways{request.addresses.begin(), request.addresses.end()};
    if (ways.empty() && request.proxy != nullptr) ways.emplace_back();
    Opened opened{OutboundError::connect_failed, "there is no address to connect to"};
    for (const auto& way : ways) {
        opened = co_await reach(kept, way);
        if (opened.error == OutboundError::none) break;
        if (Clock::now() >= deadline_) break;
    }
    answer_->phases.connect = since(around_.started);
    if (opened.error == OutboundError::none && request.tls != nullptr) {
        const Clock::time_point connected = Clock::now();
        set_phase_deadline(kept.connection, around_.limits.tls_timeout);
        std::string name{request.server_name};
        opened = co_await kept.connection.start_tls(request.tls, std::move(name));
        answer_->phases.tls = since(connected);
    }
    if (opened.error != OutboundError::none) fail(opened.error, std::move(opened.detail));
    co_return answer_->error == OutboundError::none;
}

auto ClientExchange::reach(KeptConnection& kept, std::optional<IpAddress> address) -> Task<Opened> {
    const OutboundProxy* proxy = request_->proxy;
    ClientConnection& connection = kept.connection;
    set_phase_deadline(connection, around_.limits.connect_timeout);
    kept.destination.address = address;
    ClientConnection::Endpoint endpoint;
    if (proxy != nullptr) {
        endpoint = {.address = proxy->address, .port = proxy->port};
    } else {
        endpoint = {.address = *address, .port = request_->port};
    }
    Opened opened = co_await connection.connect(endpoint);
    if (opened.error != OutboundError::none) co_return opened;
    answer_->peer = endpoint.address;
    if (proxy == nullptr) co_return opened;
    std::string authority = authority_of(*request_, address);
    co_return co_await open_tunnel(connection, std::move(authority));
}

auto ClientExchange::open_tunnel(ClientConnection& connection, std::string authority)
    -> Task<Opened> {
    if (!is_host(authority)) co_return Opened{OutboundError::proxy_failed, "not a host's name"};
    std::string& output = connection.output();
    output = "CONNECT ";
    output += authority;
    output += " HTTP/1.1\r\nHost: ";
    output += authority;
    output += "\r\n";
    if (!request_->proxy->authorization.empty()) {
        output += "Proxy-Authorization: ";
        output += request_->proxy->authorization;
        output += "\r\n";
    }
    output += "\r\n";
    connection.input().consume(connection.input().size());
    const bool written = co_await write_all(connection);
    if (!written) co_return Opened{OutboundError::proxy_failed, "the proxy ended the connection"};
    ResponseHeadScanner scanner{around_.response_limits.head};
    auto progress = ResponseHeadScanner::Progress::need_more;
    while (progress == ResponseHeadScanner::Progress::need_more) {
        const bool ready = co_await connection.wait(ClientConnection::Until::readable);
        if (!ready) co_return Opened{connection.why_interrupted(), "waiting for the proxy"};
        const Transfer got = connection.read_some();
        if (got.outcome == Transfer::Outcome::want_read) continue;
        if (got.outcome != Transfer::Outcome::done) break;
        progress = scanner.scan(connection.input().view());
    }
    // Whoever speaks before us inside the tunnel is not the server.
    const bool opened = progress == ResponseHeadScanner::Progress::complete
                        && scanner.head().status == 200
                        && connection.input().size() == scanner.head().bytes;
    connection.input().consume(connection.input().size());
    if (opened) co_return Opened{};
    std::string detail = "the proxy answered ";
    append_number(detail, static_cast<std::size_t>(scanner.head().status));
    co_return Opened{OutboundError::proxy_failed, std::move(detail)};
}

void ClientExchange::write_head(std::string& output) const {
    const OutboundRequest& request = *request_;
    output.assign(request.method);
    output += ' ';
    output += request.target;
    output += " HTTP/1.1\r\nHost: ";
    output += request.host_field;
    output += "\r\n";
    output += request.header_lines;
    const bool asks_only = request.method == "GET" || request.method == "HEAD";
    if (!asks_only || !request.body.empty()) {
        output += "Content-Length: ";
        append_number(output, request.body.size());
        output += "\r\n";
    }
    output += "\r\n";
}

// Sends the connection's output. False: no more can be sent, though an answer may have come.
Task<bool> ClientExchange::write_all(ClientConnection& connection) {
    std::string_view rest = connection.output();
    while (!rest.empty()) {
        const Transfer sent = connection.write_some({rest, {}});
        if (sent.outcome == Transfer::Outcome::done) {
            rest.remove_prefix(sent.bytes);
            continue;
        }
        if (sent.outcome == Transfer::Outcome::failed) co_return false;
        if (sent.outcome == Transfer::Outcome::ended) co_return false;
        const bool ready = co_await connection.wait_for(sent.outcome);
        if (!ready) co_return false;
    }
    co_return true;
}

Task<void> ClientExchange::converse(ClientConnection& connection) {
    connection.set_deadline(deadline_);
    asked_ = Clock::now();
    std::string& output = connection.output();
    write_head(output);
    std::string_view body = request_->body;
    bool finished = false;
    if (!connection.is_encrypted()) {
        const Transfer sent = connection.write_some({output, body});
        finished =
            sent.outcome == Transfer::Outcome::done && sent.bytes == output.size() + body.size();
        if (!finished) {
            // Seldom: the kernel's buffer is full. What is left becomes one text.
            output += body;
            output.erase(0, sent.bytes);
        }
    } else {
        output += body;  // one record instead of two
    }
    if (!finished) sent_whole_ = co_await write_all(connection);
    co_await read_answer(connection);
}

// Also after a failed write: a server may refuse a body that it does not want to read.
Task<void> ClientExchange::read_answer(ClientConnection& connection) {
    Progress progress = Progress::need_more;
    Transfer got{Transfer::Outcome::want_read, 0};  // there can be no answer yet
    while (progress == Progress::need_more) {
        if (got.outcome == Transfer::Outcome::done) {
            if (!heard_) answer_->phases.first_byte = since(asked_);
            heard_ = true;
            const bool had_head = reader_.has_head();
            progress = reader_.advance(connection.input());
            const bool body_begins = reader_.has_head() && !had_head;
            if (body_begins) set_phase_deadline(connection, request_->body_timeout);
        } else if (is_blocked(got)) {
            const bool ready = co_await connection.wait_for(got.outcome);
            if (!ready) {
                fail(connection.why_interrupted(), heard_ ? "amid an answer" : "before an answer");
                co_return;
            }
        } else {
            if (!judge_end(connection, got)) co_return;
            progress = Progress::complete;
        }
        if (progress == Progress::need_more) got = connection.read_some();
    }
    judge(progress);
}

// The peer ended its side. True: that is the answer's end.
bool ClientExchange::judge_end(ClientConnection& connection, Transfer got) {
    const bool clean_end = got.outcome == Transfer::Outcome::ended;
    if (clean_end && reader_.at_end() == Progress::complete) return true;
    std::string reason = connection.tls_failure();
    ended_ = true;
    if (!clean_end && !reason.empty()) {
        fail(OutboundError::tls_failed, std::move(reason));
    } else {
        fail(OutboundError::connection_lost, heard_ ? "amid an answer" : "before an answer");
    }
    return false;
}

void ClientExchange::judge(Progress progress) {
    switch (progress) {
        case Progress::complete: complete_ = true; break;
        case Progress::malformed: fail(OutboundError::response_malformed, {}); break;
        case Progress::too_large: fail(OutboundError::too_large, {}); break;
        case Progress::need_more: break;
    }
}

void ClientExchange::finish() {
    Response response = reader_.take();
    answer_->status = response.status;
    answer_->fields = std::move(response.fields);
    answer_->body = std::move(response.body);
    answer_->phases.total = since(around_.started);
}

bool ClientExchange::leaves_usable(ClientConnection& connection) const {
    return complete_ && sent_whole_ && reader_.leaves_connection_usable()
           && connection.input().empty();
}

bool ClientExchange::found_it_dead() const {
    return ended_ && !heard_ && answer_->error == OutboundError::connection_lost;
}

}  // namespace postern::net
