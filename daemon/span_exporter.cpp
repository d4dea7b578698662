#include "daemon/span_exporter.hpp"

#include "daemon/otlp_json.hpp"
#include "daemon/version.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace postern::daemon {
namespace {

// The standard lets everybody rely on the randomness of a trace id's last 56 bits, so that all who
// sample the same share choose the same traces.
constexpr std::size_t kRandomBytes = 7;
constexpr std::uint64_t kRandomEnd = std::uint64_t{1} << (8 * kRandomBytes);
constexpr std::int64_t kMillion = 1'000'000;

std::uint64_t random_min_of(std::int64_t samples_per_million) {
    if (samples_per_million <= 0) return kRandomEnd;
    const auto unwanted = static_cast<std::uint64_t>(kMillion - samples_per_million);
    return kRandomEnd / kMillion * unwanted;
}

Counter dropped(MetricRegistry& metrics, std::string_view reason) {
    return metrics.counter(
        {"postern_spans_dropped_total", "Spans that did not get to the collector, by reason"},
        {{"reason", reason}}
    );
}

}  // namespace

SpanExporter::SpanExporter(Parts parts, const Limits& limits)
    : parts_{std::move(parts)},
      limits_{limits},
      random_min_{random_min_of(parts_.samples_per_million)},
      exported_{
          parts_.metrics.counter({"postern_spans_exported_total", "Spans that the collector took"}
          )},
      no_room_{dropped(parts_.metrics, "no_room")},
      refused_{dropped(parts_.metrics, "refused")},
      unreachable_{dropped(parts_.metrics, "unreachable")} {}

SpanExporter::~SpanExporter() {
    stop();
}

bool SpanExporter::wants(const TraceId& trace) const noexcept {
    std::uint64_t random = 0;
    for (std::size_t i = trace.bytes.size() - kRandomBytes; i < trace.bytes.size(); ++i) {
        random = random << 8 | trace.bytes[i];
    }
    return random >= random_min_;
}

void SpanExporter::take(Span span) {
    const std::lock_guard lock{mutex_};
    if (queue_.size() >= limits_.queue_spans_max) return no_room_.add();
    queue_.push_back(std::move(span));
    if (queue_.size() == 1 || queue_.size() == limits_.batch_spans_max) wake_.notify_one();
}

void SpanExporter::start() {
    thread_ = std::jthread{[this] {
        run_thread();
    }};
}

void SpanExporter::stop() {
    if (!thread_.joinable()) return;
    std::unique_lock lock{mutex_};
    stopping_ = true;
    wake_.notify_one();
    // A collector that takes its time must not keep the daemon from its end.
    if (!finished_.wait_for(lock, limits_.last_posts_for, [this] { return is_over_; })) {
        parts_.give_up();
    }
    lock.unlock();
    thread_.join();
}

void SpanExporter::run_thread() {
    std::unique_lock lock{mutex_};
    while (!stopping_) {
        wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
        wake_.wait_for(lock, limits_.collected_for, [this] {
            return stopping_ || queue_.size() >= limits_.batch_spans_max;
        });
        if (!stopping_) post_what_is_there(lock);
    }
    post_the_last(lock);
    is_over_ = true;
    finished_.notify_one();
}

// What comes meanwhile is collected first, unless it is a whole batch already.
void SpanExporter::post_what_is_there(std::unique_lock<std::mutex>& lock) {
    do {
        if (post_batch(lock) == Pace::go_on) continue;
        wake_.wait_for(lock, limits_.pause_after_failure, [this] { return stopping_; });
        return;
    } while (!stopping_ && queue_.size() >= limits_.batch_spans_max);
}

void SpanExporter::post_the_last(std::unique_lock<std::mutex>& lock) {
    while (!queue_.empty()) {
        if (post_batch(lock) == Pace::pause) break;
    }
    unreachable_.add(static_cast<double>(queue_.size()));
    queue_.clear();
}

SpanExporter::Pace SpanExporter::post_batch(std::unique_lock<std::mutex>& lock) {
    const std::vector<Span> batch = take_batch();
    lock.unlock();
    const Answer answer = parts_.post(to_otlp_json(batch, kVersion));
    lock.lock();
    return tally(answer, batch.size());
}

SpanExporter::Pace SpanExporter::tally(const Answer& answer, std::size_t spans) {
    const std::size_t refused = std::min(answer.refused, spans);
    switch (answer.posted) {
        case Posted::taken:
            exported_.add(static_cast<double>(spans - refused));
            refused_.add(static_cast<double>(refused));
            return Pace::go_on;
        case Posted::refused: refused_.add(static_cast<double>(spans)); return Pace::go_on;
        case Posted::unreachable: break;
    }
    unreachable_.add(static_cast<double>(spans));
    return Pace::pause;
}

std::vector<Span> SpanExporter::take_batch() {
    const std::size_t count = std::min(queue_.size(), limits_.batch_spans_max);
    const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(count);
    std::vector<Span> batch{std::make_move_iterator(queue_.begin()), std::make_move_iterator(end)};
    queue_.erase(queue_.begin(), end);
    return batch;
}

}  // namespace postern::daemon
