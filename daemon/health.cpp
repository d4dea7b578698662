#include "daemon/health.hpp"

#include "core/json_writer.hpp"
#include "daemon/version.hpp"

#include <sys/timex.h>

namespace postern::daemon {
namespace {

constexpr std::chrono::seconds kQueueAgeMax{2};

// Signatures carry timestamps, so a clock that nobody keeps is worth a word, though no failure.
bool clock_is_synchronised() {
    timex state{};
    return adjtimex(&state) != TIME_ERROR;
}

void write_store(JsonWriter& writer, const Store& store) {
    const storage::WriterStatus status = store.writer.status();
    writer.key("store");
    writer.begin_object();
    writer.member("driver", store.database.description());
    writer.member_boolean("poisoned", store.database.poison().is_set());
    writer.member_boolean("room", status.room == storage::Room::plenty);
    writer.member_integer("queue_units", static_cast<std::int64_t>(status.queue_units));
    writer.member_integer("oldest_waiting_us", status.oldest_waiting.count());
    writer.member_integer("last_commit_us", status.last_commit.count());
    writer.end_object();
}

}  // namespace

Health::Answer Health::liveness() const {
    Answer answer;
    JsonWriter writer{answer.json};
    const auto up = std::chrono::steady_clock::now() - started_;
    writer.begin_object();
    writer.member("status", "ok");
    writer.member("version", kVersion);
    writer.member_integer(
        "uptime_seconds", std::chrono::duration_cast<std::chrono::seconds>(up).count()
    );
    writer.member_boolean("clock_synchronised", clock_is_synchronised());
    write_store(writer, store_);
    writer.end_object();
    return answer;
}

Health::Answer Health::readiness() const {
    const storage::WriterStatus status = store_.writer.status();
    std::string_view reason;
    // What waits now, a commit under way included. A slow commit that is over says nothing: without
    // traffic no faster one would ever follow to take its place.
    if (status.oldest_waiting > kQueueAgeMax) reason = "commits are slow";
    if (status.room == storage::Room::low) reason = "the disk is nearly full";
    if (store_.database.poison().is_set()) reason = "the store failed";
    if (stopping_.load(std::memory_order_relaxed)) reason = "stopping";
    Answer answer;
    answer.state = reason.empty() ? Answer::State::ready : Answer::State::not_ready;
    JsonWriter writer{answer.json};
    writer.begin_object();
    writer.member("status", reason.empty() ? "ready" : "not_ready");
    writer.member_or_null("reason", reason);
    write_store(writer, store_);
    writer.end_object();
    return answer;
}

}  // namespace postern::daemon
