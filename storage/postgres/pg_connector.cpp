#include "storage/postgres/pg_connector.hpp"

#include "core/log.hpp"

#include <algorithm>
#include <poll.h>

namespace postern::storage {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kFirstDelay{50};
constexpr milliseconds kLongestDelay{1'000};

// What the role's or the database's own settings say otherwise would break a promise of ours.
// Reading a whole table is never meant, also not to join another, but it looks cheap to a plan that
// is made while the table is small and kept while it grows; compiling a plan takes longer than any
// of ours runs. Bodies are packed as they are stored, where LZ4 takes a tenth of the usual time.
constexpr const char* kSettings =
    "SELECT set_config(name, 'off', false) FROM pg_settings WHERE name IN"
    " ('jit', 'enable_seqscan', 'enable_hashjoin', 'enable_mergejoin')"
    " UNION ALL SELECT set_config(name, 'lz4', false) FROM pg_settings"
    " WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)"
    " UNION ALL SELECT set_config(name, 'on', false) FROM pg_settings"
    " WHERE name = 'synchronous_commit' AND setting IN ('off', 'local', 'remote_write')"
    // By a warning alone the server tells that it gave up waiting for its standby.
    " UNION ALL SELECT set_config(name, 'warning', false) FROM pg_settings"
    " WHERE name = 'client_min_messages' AND setting = 'error'";

// What the server is to do about a node without power or network, which never says that it went:
// its locks are to be free again before its lease ends. Not every server has each of them.
constexpr const char* kDeadPeers =
    "SELECT set_config(name, CASE name WHEN 'tcp_keepalives_idle' THEN '3'"
    " WHEN 'tcp_keepalives_interval' THEN '1' WHEN 'tcp_keepalives_count' THEN '3'"
    " ELSE '6000' END, false) FROM pg_settings WHERE name IN ('tcp_keepalives_idle',"
    " 'tcp_keepalives_interval', 'tcp_keepalives_count', 'tcp_user_timeout')";

std::string timeouts_of(const PgSession& session) {
    const auto set = [](std::string_view name, milliseconds value) {
        std::string text{"set_config('"};
        text += name;
        text += "', '" + std::to_string(value.count()) + "', false)";
        return text;
    };
    return "SELECT " + set("statement_timeout", session.statement_timeout) + ", "
           + set("lock_timeout", session.lock_timeout) + ", "
           + set("idle_in_transaction_session_timeout", session.idle_in_transaction_timeout);
}

void wait(milliseconds duration) {
    static_cast<void>(::poll(nullptr, 0, static_cast<int>(duration.count())));
}

}  // namespace

PgConnector::PgConnector(const PgSession& session)
    : session_{session}, random_{std::random_device{}()} {}

Result<void, Complaint> PgConnector::open(PgPipeline& pipeline) {
    const auto refusal = pipeline.connect(session_.words);
    if (refusal) return Complaint{*refusal};
    const auto greeted = greet(pipeline);
    if (!greeted) pipeline.close();
    return greeted;
}

Result<void, Complaint> PgConnector::greet(PgPipeline& pipeline) const {
    // The timeouts come last, since they hold for what follows them.
    const std::string timeouts = timeouts_of(session_);
    for (const char* settings : {kSettings, kDeadPeers, timeouts.c_str()}) {
        if (!pipeline.add(settings)) return Complaint{"the connection broke"};
    }
    if (const auto failure = pipeline.settle()) {
        return Complaint{"the server refuses our settings (" + failure->state + ")"};
    }
    return {};
}

Result<void, StoreError> PgConnector::ensure_open(PgPipeline& pipeline) {
    if (pipeline.is_usable()) return {};
    const auto came = SteadyClock::now();
    if (!down_since_) down_since_ = came;
    const auto hold_until = *down_since_ + session_.hold;
    for (;;) {
        const auto now = SteadyClock::now();
        if (now < next_try_) {
            if (next_try_ > hold_until) return StoreError::unavailable;
            wait(std::chrono::ceil<milliseconds>(next_try_ - now));
            continue;
        }
        const auto opened = open(pipeline);
        if (opened) {
            log::info("store.connected", {{"target", describe_target(session_.words)}});
            down_since_.reset();
            delay_ = milliseconds{0};
            next_try_ = {};
            return {};
        }
        log::warn("store.cannot_connect", {{"reason", opened.error().message}});
        postpone(SteadyClock::now());
    }
}

void PgConnector::postpone(SteadyTime now) {
    delay_ = std::clamp(delay_ * 2, kFirstDelay, kLongestDelay);
    std::uniform_int_distribution<milliseconds::rep> part{delay_.count() / 2, delay_.count()};
    next_try_ = now + milliseconds{part(random_)};
}

}  // namespace postern::storage
