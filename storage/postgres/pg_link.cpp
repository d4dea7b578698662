#include "storage/postgres/pg_link.hpp"

#include <libpq-fe.h>

#include <cerrno>
#include <poll.h>
#include <utility>
#include <vector>

namespace postern::storage {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int kBinary = 1;
constexpr int kLookAgainMs = 50;

// Who says so is not translated, unlike what is said.
constexpr std::string_view kStandbyWait = "SyncRepWaitForLSN";
constexpr std::string_view kFatal = "FATAL";

}  // namespace

void FreePgResult::operator()(pg_result* result) const noexcept {
    PQclear(result);
}

std::optional<std::string> PgLink::connect(const ConnectionWords& words) {
    close();
    ended_ = false;
    unreplicated_ = false;
    std::vector<const char*> names;
    std::vector<const char*> values;
    for (const ConnectionWord& word : words) {
        names.push_back(word.name.c_str());
        values.push_back(word.value.c_str());
    }
    names.push_back(nullptr);
    values.push_back(nullptr);
    connection_ = PQconnectdbParams(names.data(), values.data(), 0);
    if (connection_ == nullptr) return "out of memory";
    if (PQstatus(connection_) != CONNECTION_OK) {
        std::string reason = without_password(PQerrorMessage(connection_), words);
        close();
        return reason;
    }
    PQsetNoticeReceiver(connection_, &PgLink::note_notice, this);
    if (PQsetnonblocking(connection_, 1) != 0 || PQenterPipelineMode(connection_) != 1) {
        close();
        return "libpq cannot pipeline";
    }
    return std::nullopt;
}

void PgLink::close() noexcept {
    PQfinish(std::exchange(connection_, nullptr));
}

bool PgLink::is_open() const {
    return connection_ != nullptr && PQstatus(connection_) == CONNECTION_OK;
}

bool PgLink::was_closed() {
    while (is_open()) {
        pollfd watched{PQsocket(connection_), POLLIN, 0};
        if (::poll(&watched, 1, 0) <= 0) return ended_;
        if (PQconsumeInput(connection_) != 1) return true;
        // Its last words come before the end does, and are a notice where nothing was asked.
        static_cast<void>(PQisBusy(connection_));
    }
    return true;
}

bool PgLink::has_result() {
    return is_open() && PQisBusy(connection_) == 0;
}

int PgLink::server_version() const {
    return connection_ == nullptr ? 0 : PQserverVersion(connection_);
}

int PgLink::backend() const {
    return connection_ == nullptr ? 0 : PQbackendPID(connection_);
}

bool PgLink::take_unreplicated() {
    return std::exchange(unreplicated_, false);
}

void PgLink::note_notice(void* self, const pg_result* notice) {
    PgLink& link = *static_cast<PgLink*>(self);
    const char* who = PQresultErrorField(notice, PG_DIAG_SOURCE_FUNCTION);
    if (who != nullptr && who == kStandbyWait) link.unreplicated_ = true;
    const char* severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (severity != nullptr && severity == kFatal) link.ended_ = true;
}

bool PgLink::send_prepare(const Prepare& prepare) {
    return is_open()
           && PQsendPrepare(
                  connection_,
                  prepare.name,
                  prepare.text,
                  static_cast<int>(prepare.types.size()),
                  prepare.types.data()
              ) == 1;
}

bool PgLink::send_prepared(const char* name, const PgParameters::Sendable& parameters) {
    return is_open()
           && PQsendQueryPrepared(
                  connection_,
                  name,
                  parameters.count,
                  parameters.values,
                  parameters.lengths,
                  parameters.formats,
                  kBinary
              ) == 1;
}

bool PgLink::send_text(const char* text) {
    return is_open()
           && PQsendQueryParams(connection_, text, 0, nullptr, nullptr, nullptr, nullptr, kBinary)
                  == 1;
}

bool PgLink::send_sync() {
    return is_open() && PQpipelineSync(connection_) == 1;
}

bool PgLink::flush() {
    return is_open() && PQflush(connection_) >= 0;
}

// Reads while it writes, since a server that cannot answer stops reading. What TLS has unpacked
// already the socket does not tell of, so then it looks again and again.
bool PgLink::wait_until_readable(Wait wait) {
    const auto deadline = SteadyClock::now() + patience_;
    const bool may_be_unpacked = PQsslInUse(connection_) == 1;
    while (PQisBusy(connection_) == 1) {
        const int unsent = PQflush(connection_);
        if (unsent < 0) return false;
        pollfd watched{PQsocket(connection_), POLLIN, 0};
        if (unsent > 0) watched.events |= POLLOUT;
        int timeout_ms = -1;
        if (wait == Wait::patient) {
            const auto left =
                std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now());
            if (left.count() <= 0) return false;
            timeout_ms = static_cast<int>(left.count());
        }
        if (may_be_unpacked && (timeout_ms < 0 || timeout_ms > kLookAgainMs))
            timeout_ms = kLookAgainMs;
        const int ready = ::poll(&watched, 1, timeout_ms);
        if (ready < 0 && errno != EINTR) return false;
        const auto readable = static_cast<short>(watched.revents & ~POLLOUT);
        const bool has_news = ready > 0 ? readable != 0 : may_be_unpacked;
        if (has_news && PQconsumeInput(connection_) != 1) return true;
    }
    return true;
}

// A connection that broke still says so by a result.
PgResult PgLink::get(Wait wait) {
    if (connection_ == nullptr) return nullptr;
    if (!wait_until_readable(wait)) {
        close();
        return nullptr;
    }
    return PgResult{PQgetResult(connection_)};
}

// In a pipeline each statement's result is followed by nothing, and a sync's is not.
PgResult PgLink::next_result() {
    PgResult result = get(Wait::patient);
    if (!result || PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) return result;
    while (PgResult more = get(Wait::patient)) result = std::move(more);
    return result;
}

PgResult PgLink::run_script(const char* text) {
    if (!is_open() || PQexitPipelineMode(connection_) != 1) return nullptr;
    if (PQsendQuery(connection_, text) != 1) return nullptr;
    PgResult last;
    while (PgResult result = get(Wait::endless)) {
        const bool failed = last && PQresultStatus(last.get()) == PGRES_FATAL_ERROR;
        if (!failed) last = std::move(result);
    }
    if (!is_open() || PQenterPipelineMode(connection_) != 1) close();
    return last;
}

}  // namespace postern::storage
