#include "daemon/span_exporter.hpp"

#include "core/json_document.hpp"

#include <gtest/gtest.h>

#include <future>
#include <mutex>

namespace postern::daemon {
namespace {

using std::chrono::milliseconds;
using Answer = SpanExporter::Answer;
using Posted = SpanExporter::Posted;

constexpr milliseconds kLong{600'000};

// Keeps how many spans each post had, and answers as it is told.
class Collector {
 public:
    explicit Collector(Answer answer = {}) : answer_{answer} {}

    SpanExporter::Post post() {
        return [this](const std::string& json) {
            const auto document = JsonDocument::parse(json);
            EXPECT_TRUE(document.has_value());
            const JsonValue spans = document->root().path("resourceSpans.0.scopeSpans.0.spans");
            const std::lock_guard lock{mutex_};
            counts_.push_back(spans.size());
            if (counts_.size() == 1) first_.set_value();
            return answer_;
        };
    }
    void wait_for_the_first() { first_.get_future().wait(); }
    std::vector<std::size_t> counts() {
        const std::lock_guard lock{mutex_};
        return counts_;
    }

 private:
    const Answer answer_;
    std::mutex mutex_;
    std::vector<std::size_t> counts_;
    std::promise<void> first_;
};

Span span() {
    return {
        .context = begin_trace(),
        .parent = {},
        .name = "test",
        .started_at = from_unix_seconds(1),
        .ended_at = from_unix_seconds(2)};
}

void give(SpanExporter& exporter, int count) {
    for (int i = 0; i < count; ++i) exporter.take(span());
}

class Exporter : public ::testing::Test {
 protected:
    double exported() { return metrics_.counter({"postern_spans_exported_total", ""}).value(); }
    double dropped(std::string_view reason) {
        return metrics_.counter({"postern_spans_dropped_total", ""}, {{"reason", reason}}).value();
    }

    MetricRegistry metrics_;
};

TEST_F(Exporter, SendsManyAtATime) {
    Collector collector;
    SpanExporter exporter{
        {.metrics = metrics_, .post = collector.post()},
        {.batch_spans_max = 4, .collected_for = kLong}};
    give(exporter, 10);
    exporter.start();
    exporter.stop();
    EXPECT_EQ(collector.counts(), (std::vector<std::size_t>{4, 4, 2}));
    EXPECT_EQ(exported(), 10);
}

TEST_F(Exporter, DoesNotWaitOnceABatchIsFull) {
    Collector collector;
    SpanExporter exporter{
        {.metrics = metrics_, .post = collector.post()},
        {.batch_spans_max = 3, .collected_for = kLong}};
    exporter.start();
    give(exporter, 3);
    collector.wait_for_the_first();
    EXPECT_EQ(collector.counts().front(), 3U);
}

TEST_F(Exporter, SendsAFewAfterAMoment) {
    Collector collector;
    SpanExporter exporter{
        {.metrics = metrics_, .post = collector.post()}, {.collected_for = milliseconds{1}}};
    exporter.start();
    give(exporter, 1);
    collector.wait_for_the_first();
    EXPECT_EQ(collector.counts().front(), 1U);
}

TEST_F(Exporter, DropsAndCountsWhatFindsNoRoom) {
    Collector collector;
    SpanExporter exporter{{.metrics = metrics_, .post = collector.post()}, {.queue_spans_max = 3}};
    give(exporter, 5);
    EXPECT_EQ(dropped("no_room"), 2);
    exporter.start();
    exporter.stop();
    EXPECT_EQ(exported(), 3);
}

TEST_F(Exporter, DropsAndCountsWhatACollectorThatIsAwayDoesNotTake) {
    Collector collector{{.posted = Posted::unreachable}};
    SpanExporter exporter{
        {.metrics = metrics_, .post = collector.post()},
        {.batch_spans_max = 2, .collected_for = milliseconds{1}, .pause_after_failure = kLong}};
    give(exporter, 5);
    exporter.start();
    collector.wait_for_the_first();
    exporter.stop();
    EXPECT_EQ(dropped("unreachable"), 5);
    EXPECT_LE(collector.counts().size(), 2U) << "one before the end, and one last try";
    EXPECT_EQ(exported(), 0);
}

TEST_F(Exporter, GoesOnAfterABatchThatIsRefused) {
    Collector collector{{.posted = Posted::refused}};
    SpanExporter exporter{{.metrics = metrics_, .post = collector.post()}, {.batch_spans_max = 2}};
    give(exporter, 4);
    exporter.start();
    exporter.stop();
    EXPECT_EQ(dropped("refused"), 4);
    EXPECT_EQ(collector.counts().size(), 2U);
}

TEST_F(Exporter, CountsWhatIsRefusedOfABatchThatIsTaken) {
    Collector collector{{.refused = 3}};
    SpanExporter exporter{{.metrics = metrics_, .post = collector.post()}, {.batch_spans_max = 4}};
    give(exporter, 6);
    exporter.start();
    exporter.stop();
    EXPECT_EQ(exported(), 1);
    EXPECT_EQ(dropped("refused"), 5) << "of the last two no more than two";
}

TEST_F(Exporter, GivesUpACollectorThatHangsWhenItStops) {
    std::promise<void> begun;
    std::promise<void> given_up;
    int posts = 0;
    SpanExporter exporter{
        {.metrics = metrics_,
         .post = [&begun, &given_up, &posts](const std::string&) -> Answer {
             if (++posts == 1) {
                 begun.set_value();
                 given_up.get_future().wait();
             }
             return {.posted = Posted::unreachable};
         },
         .give_up =
             [&given_up] {
                 given_up.set_value();
             }},
        {.batch_spans_max = 2,
         .collected_for = milliseconds{1},
         .pause_after_failure = kLong,
         .last_posts_for = milliseconds{1}}};
    give(exporter, 5);
    exporter.start();
    begun.get_future().wait();
    exporter.stop();
    EXPECT_EQ(dropped("unreachable"), 5);
}

struct Share {
    std::int64_t samples_per_million;
    const char* trace;
    bool wanted;
};

constexpr Share kShares[] = {
    {1'000'000, "00000000000000000000000000000001", true},
    {0, "ffffffffffffffffffffffffffffffff", false},
    {500'000, "00000000000000000080000000000000", true},
    {500'000, "ffffffffffffffffff7fffffff000000", false},
    {1, "000000000000000000ffffffffffffff", true},
    {1, "000000000000000000ffffe000000000", false},
};

TEST_F(Exporter, WantsAShareOfAllTracesByTheirIds) {
    for (const Share& share : kShares) {
        SCOPED_TRACE(share.trace);
        const SpanExporter exporter{
            {.metrics = metrics_, .post = {}, .samples_per_million = share.samples_per_million}};
        const std::string text = "00-" + std::string{share.trace} + "-00f067aa0ba902b7-00";
        EXPECT_EQ(exporter.wants(parse_traceparent(text)->trace), share.wanted);
    }
}

}  // namespace
}  // namespace postern::daemon
