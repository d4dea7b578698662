#include "dispatch/endpoint_series.hpp"

#include <gtest/gtest.h>

namespace postern::dispatch {
namespace {

using storage::AttemptError;

class EndpointSeriesTest : public ::testing::Test {
 protected:
    void call(std::int64_t endpoint, int times, AttemptError error = AttemptError::none) {
        for (int i = 0; i < times; ++i) {
            series_.count(
                {.endpoint = EndpointId{endpoint},
                 .error = error,
                 .took = std::chrono::milliseconds{500}}
            );
        }
    }
    std::string name_of(std::int64_t endpoint) const { return ids_.encode(EndpointId{endpoint}); }
    bool has_series(std::int64_t endpoint) const {
        return registry_.render().find("\"" + name_of(endpoint) + "\"") != std::string::npos;
    }
    double attempts(const std::string& endpoint, std::string_view outcome) {
        return registry_
            .counter(
                {"postern_endpoint_attempts_total", ""},
                {{"endpoint", endpoint}, {"outcome", outcome}}
            )
            .value();
    }

    MetricRegistry registry_;
    IdCodec ids_{SipKey{}};
    EndpointSeries series_{registry_, ids_, {.series_max = 2, .watched_max = 4}};
};

TEST_F(EndpointSeriesTest, GivesAnEndpointItsOwnSeriesWhileThereIsOne) {
    call(1, 2);
    call(1, 1, AttemptError::timeout);
    EXPECT_EQ(attempts(name_of(1), "delivered"), 2);
    EXPECT_EQ(attempts(name_of(1), "failed"), 1);
    const Counter seconds = registry_.counter(
        {"postern_endpoint_attempt_seconds_total", ""}, {{"endpoint", name_of(1)}}
    );
    EXPECT_EQ(seconds.value(), 1.5);
    EXPECT_EQ(attempts("other", "delivered"), 0);
}

TEST_F(EndpointSeriesTest, CountsTheRestTogether) {
    for (const std::int64_t endpoint : {1, 2, 3, 4, 5, 6}) call(endpoint, 1);
    EXPECT_TRUE(has_series(1));
    EXPECT_TRUE(has_series(2));
    EXPECT_FALSE(has_series(3));
    EXPECT_EQ(attempts("other", "delivered"), 4);
}

TEST_F(EndpointSeriesTest, PrefersThoseThatFail) {
    call(1, 20);
    call(2, 5);
    call(3, 5, AttemptError::http_5xx);
    series_.choose();
    EXPECT_TRUE(has_series(1));
    EXPECT_FALSE(has_series(2));
    EXPECT_TRUE(has_series(3));
    call(3, 1, AttemptError::http_5xx);
    EXPECT_EQ(attempts(name_of(3), "failed"), 1) << "counted from the moment it was given";
    EXPECT_EQ(attempts("other", "failed"), 5);
}

TEST_F(EndpointSeriesTest, LeavesASeriesToWhoHasItWhenTheOtherIsLittleBetter) {
    call(1, 10);
    call(2, 10);
    call(3, 15);
    series_.choose();
    EXPECT_TRUE(has_series(1));
    EXPECT_TRUE(has_series(2));
    EXPECT_FALSE(has_series(3));
}

TEST_F(EndpointSeriesTest, ForgetsWhoIsQuiet) {
    for (const std::int64_t endpoint : {1, 2, 3, 4}) call(endpoint, 1);
    for (int i = 0; i < 5; ++i) series_.choose();
    EXPECT_FALSE(has_series(1));
    call(7, 1);
    call(8, 1);
    EXPECT_TRUE(has_series(7));
    EXPECT_TRUE(has_series(8));
}

}  // namespace
}  // namespace postern::dispatch
