#include "net/session.hpp"

#include "core/assert.hpp"
#include "core/time.hpp"
#include "net/reply_text.hpp"

#include <algorithm>

namespace postern::net {

ServerMetrics::ServerMetrics(MetricRegistry& the_registry, const std::string& its_listener)
    : registry{the_registry},
      listener{its_listener},
      connections{registry.gauge(
          {"postern_http_connections", "Connections that are open"},
          {{"listener", listener}}
      )},
      connections_accepted{registry.counter(
          {"postern_http_connections_accepted_total", "Connections taken"},
          {{"listener", listener}}
      )},
      connections_refused{registry.counter(
          {"postern_http_connections_refused_total", "Connections over a cap"},
          {{"listener", listener}}
      )},
      accept_errors{registry.counter(
          {"postern_http_accept_errors_total", "accept() calls that failed"},
          {{"listener", listener}}
      )},
      tls_handshakes{registry.counter(
          {"postern_http_tls_handshakes_total", "TLS handshakes that were completed"},
          {{"listener", listener}}
      )},
      tls_errors{registry.counter(
          {"postern_http_tls_errors_total", "TLS handshakes that failed"},
          {{"listener", listener}}
      )},
      requests{registry.counter(
          {"postern_http_requests_total", "Requests read whole"},
          {{"listener", listener}}
      )},
      refusals{registry.counter(
          {"postern_http_refusals_total", "Requests refused by the listener itself"},
          {{"listener", listener}}
      )},
      timeouts{registry.counter(
          {"postern_http_timeouts_total", "Connections that ran into a deadline"},
          {{"listener", listener}}
      )},
      exceptions{registry.counter(
          {"postern_http_exceptions_total", "Requests answered 500 after an exception"},
          {{"listener", listener}}
      )} {}

void ServerMetrics::show_certificate(std::int64_t expires_at) {
    registry
        .gauge(
            {"postern_http_tls_certificate_expires_seconds",
             "When the certificate expires, in Unix seconds"},
            {{"listener", listener}}
        )
        .set(static_cast<double>(expires_at));
}

void SessionList::add(Session& session) {
    session.place_ = sessions_.size();
    sessions_.push_back(&session);
}

void SessionList::remove(Session& session) {
    POSTERN_ASSERT(sessions_[session.place_] == &session);
    sessions_[session.place_] = sessions_.back();
    sessions_[session.place_]->place_ = session.place_;
    sessions_.pop_back();
}

void SessionList::tick() {
    now_ = Steady::now();
    for (Session* session : sessions_) session->check_deadline(now_);
}

void SessionList::begin_stop() {
    stopping_ = true;
    for (Session* session : sessions_) session->begin_stop();
}

void SessionList::cut_all() {
    for (Session* session : sessions_) session->cut();
}

bool SessionList::take_large_body(int large_bodies_max) {
    if (large_bodies_ >= large_bodies_max) return false;
    ++large_bodies_;
    return true;
}

std::string_view SessionList::date() {
    const std::int64_t second = unix_seconds(SystemClock{}.now());
    if (second != date_second_) {
        date_second_ = second;
        date_ = http_date(second);
    }
    return date_;
}

void Session::enter(Phase phase, std::chrono::milliseconds timeout) {
    phase_ = phase;
    phase_since_ = list_.now();
    deadline_ = phase_since_ + timeout;
    expired_ = false;
}

void Session::check_deadline(Steady::time_point now) {
    if (expired_ || phase_ == Phase::handling) return;
    bool late = now >= deadline_;
    if (phase_ == Phase::body && now - phase_since_ >= body_rate_grace_) {
        const auto seconds =
            std::chrono::duration_cast<std::chrono::seconds>(now - phase_since_).count();
        late = late || body_bytes_received_ < body_rate_min_ * static_cast<std::size_t>(seconds);
    }
    if (!late) return;
    expired_ = true;
    cancel_io();
}

void Session::enter_fresh(const HttpLimits& limits) {
    fresh_grace_ = limits.fresh_grace;
    const auto grace = std::min(limits.head_timeout, limits.fresh_grace);
    enter(Phase::fresh, list_.stopping() ? grace : limits.head_timeout);
}

// Who was not told of a stop with the last answer may have sent the next request already.
void Session::enter_idle(const HttpLimits& limits) {
    fresh_grace_ = limits.fresh_grace;
    const auto grace = std::min(limits.idle_timeout, limits.fresh_grace);
    enter(Phase::idle, list_.stopping() ? grace : limits.idle_timeout);
}

// Who has just connected, or was answered a moment ago, is about to ask: a close would look like a
// refusal, and a request that crosses it on its way would be lost.
void Session::begin_stop() {
    if (phase_ != Phase::fresh && phase_ != Phase::idle) return;
    const auto now = Steady::now();
    const bool answered_long_ago = now - phase_since_ >= fresh_grace_;
    if (phase_ == Phase::idle && answered_long_ago) return cancel_io();
    deadline_ = std::min(deadline_, now + fresh_grace_);
}

}  // namespace postern::net
