#include "net/http_client.hpp"

#include "core/http_message.hpp"
#include "net/client_exchange.hpp"

#include <boost/asio/basic_waitable_timer.hpp>

namespace postern::net {
namespace {

constexpr std::chrono::milliseconds kTick{100};

ResponseLimits response_limits(const ClientLimits& limits) {
    ResponseLimits result;
    result.head = {
        .head_bytes_max = limits.response_head_bytes_max, .fields_max = limits.response_fields_max};
    result.body.body_bytes_max = limits.response_body_bytes_max;
    result.informational_max = limits.informational_max;
    return result;
}

}  // namespace

std::string_view OutboundAnswer::field(std::string_view name) const {
    for (const auto& [field_name, value] : fields) {
        if (equal_ignoring_case(field_name, name)) return value;
    }
    return {};
}

struct HttpClient::Impl : std::enable_shared_from_this<HttpClient::Impl> {
    using Clock = std::chrono::steady_clock;
    using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

    Impl(IoThread& thread, ClientLimits wanted)
        : context{thread.context()},
          limits{wanted},
          response{response_limits(limits)},
          pool{limits},
          timer{context.get_executor()} {}

    static Task<OutboundAnswer> send(std::shared_ptr<Impl> self, const OutboundRequest& request);
    void release(const ClientExchange& exchange, std::unique_ptr<KeptConnection> kept);
    void tick();
    void keep_ticking();
    void close();

    asio::io_context& context;
    ClientLimits limits;
    ResponseLimits response;
    ConnectionPool pool;
    ActiveConnections active;
    Timer timer;
    bool ticking = false;
    bool closed = false;
};

// The clock runs only while there is something to look at, so that an idle daemon sleeps.
void HttpClient::Impl::keep_ticking() {
    if (ticking || closed) return;
    ticking = true;
    timer.expires_after(kTick);
    timer.async_wait([self = shared_from_this()](boost::system::error_code error) {
        self->ticking = false;
        if (!error) self->tick();
    });
}

void HttpClient::Impl::tick() {
    const auto now = Clock::now();
    active.cut_late(now);
    pool.sweep(now);
    if (!active.empty() || pool.size() > 0) keep_ticking();
}

void HttpClient::Impl::close() {
    closed = true;
    active.cut_all();
    pool.clear();
    timer.cancel();
}

void HttpClient::Impl::release(
    const ClientExchange& exchange,
    std::unique_ptr<KeptConnection> kept
) {
    if (closed || !exchange.leaves_usable(kept->connection)) return;
    kept->connection.shrink_when_idle();
    pool.put(std::move(kept), Clock::now());
}

Task<OutboundAnswer>
HttpClient::Impl::send(std::shared_ptr<Impl> self, const OutboundRequest& request) {
    OutboundAnswer answer;
    if (!is_sendable(request)) {
        answer.error = OutboundError::connect_failed;
        answer.detail = "the request cannot be sent as it stands";
        co_return answer;
    }
    if (self->closed) {
        answer.error = OutboundError::connection_lost;
        co_return answer;
    }
    self->keep_ticking();
    const auto started = Clock::now();
    const ClientExchange::Surroundings around{self->limits, self->response, self->active, started};
    std::unique_ptr<KeptConnection> kept = self->pool.take(request, started);
    if (kept != nullptr) {
        answer.connection = OutboundAnswer::Connection::pooled;
        ClientExchange exchange{request, around, answer};
        co_await exchange.run_over_kept(*kept);
        if (!exchange.found_it_dead() || self->closed) {
            self->release(exchange, std::move(kept));
            co_return answer;
        }
        answer = {};
    }
    kept = std::make_unique<KeptConnection>(self->context);
    kept->born = started;
    ClientExchange exchange{request, around, answer};
    co_await exchange.run_over_new(*kept);
    self->release(exchange, std::move(kept));
    co_return answer;
}

HttpClient::HttpClient(IoThread& thread, ClientLimits limits)
    : impl_{std::make_shared<Impl>(thread, limits)} {}

HttpClient::~HttpClient() {
    close();
}

Task<OutboundAnswer> HttpClient::send(const OutboundRequest& request) {
    return Impl::send(impl_, request);
}

void HttpClient::close() {
    impl_->close();
}

std::size_t HttpClient::idle_connections() const {
    return impl_->pool.size();
}

}  // namespace postern::net
