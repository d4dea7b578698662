#pragma once

#include "core/metrics.hpp"
#include "core/span.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace postern::daemon {

// Brings spans to a collector off the way of the requests: they are collected for a moment and sent
// many at a time by a thread of its own. Nobody ever waits for it. What a slow collector leaves no
// room for, or one that is away does not take, is dropped and counted.
class SpanExporter final : public SpanSink {
 public:
    enum class Posted : std::uint8_t {
        taken,
        refused,      // and would be again
        unreachable,  // perhaps not the next time
    };
    struct Answer {
        Posted posted = Posted::taken;
        std::size_t refused = 0;  // of what was taken
    };
    // Blocks until it is known. On the exporter's thread only.
    using Post = std::function<Answer(const std::string& json)>;
    struct Parts {
        MetricRegistry& metrics;
        Post post;
        // Ends a post that is under way, and all that would follow. Any thread.
        std::function<void()> give_up = [] {
        };
        std::int64_t samples_per_million = 1'000'000;  // of all traces
    };
    struct Limits {
        std::size_t queue_spans_max = 8'192;
        std::size_t batch_spans_max = 512;
        std::chrono::milliseconds collected_for{1'000};
        std::chrono::milliseconds pause_after_failure{5'000};
        std::chrono::milliseconds last_posts_for{2'000};  // at the end
    };
    explicit SpanExporter(Parts parts) : SpanExporter{std::move(parts), Limits{}} {}
    SpanExporter(Parts parts, const Limits& limits);
    ~SpanExporter() override;  // stops
    SpanExporter(const SpanExporter&) = delete;
    SpanExporter& operator=(const SpanExporter&) = delete;

    bool wants(const TraceId& trace) const noexcept override;
    void take(Span span) override;
    void start();
    // Sends what is there, as far as it goes in last_posts_for; then gives up.
    void stop();

 private:
    enum class Pace : std::uint8_t { go_on, pause };

    void run_thread();
    void post_what_is_there(std::unique_lock<std::mutex>& lock);
    void post_the_last(std::unique_lock<std::mutex>& lock);
    Pace post_batch(std::unique_lock<std::mutex>& lock);
    Pace tally(const Answer& answer, std::size_t spans);
    std::vector<Span> take_batch();

    const Parts parts_;
    const Limits limits_;
    const std::uint64_t random_min_;  // of the traces that are wanted
    Counter exported_;
    Counter no_room_;
    Counter refused_;
    Counter unreachable_;

    std::mutex mutex_;  // guards what follows
    std::condition_variable wake_;
    std::condition_variable finished_;
    std::deque<Span> queue_;
    bool stopping_ = false;
    bool is_over_ = false;
    std::jthread thread_;
};

}  // namespace postern::daemon
