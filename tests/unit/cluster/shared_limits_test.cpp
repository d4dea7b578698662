#include "cluster/shared_limits.hpp"

#include "tests/unit/redis/redis_server.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace postern::cluster {
namespace {

class NodeWithLimits {
 public:
    NodeWithLimits(const redis::RedisServer& server, const Clock& clock)
        : client_{runtime_.thread(0), *redis::parse_url(server.url())},
          limits_{
              {.thread = runtime_.thread(0),
               .client = client_,
               .prefix = "test",
               .clock = clock,
               .live_nodes = [] { return std::size_t{2}; },
               .kinds = {{.name = "keys", .counts = counts_}}}} {
        client_.start();
        runtime_.start();
    }
    ~NodeWithLimits() {
        runtime_.stop();
        client_.stop();
    }

    SharedCounts& counts() { return counts_; }

 private:
    SharedCounts counts_;
    net::Runtime runtime_{1};
    redis::Client client_;
    SharedLimits limits_;
};

class OneMoment final : public Clock {
 public:
    TimePoint now() const override { return from_unix_seconds(1'700'000'000); }
};

SharedCounts::Ask ask_for(const Clock& clock) {
    const auto place = CountPlace::of(7, std::chrono::seconds{60}, clock.now());
    return {.window = {.place = place, .max = 10}, .second = {.place = place, .max = 10}};
}

// Ends with the test when it never comes true.
template <class Predicate>
void wait_until(Predicate predicate) {
    while (!predicate()) std::this_thread::yield();
}

TEST(SharedLimits, NodesLearnWhatOthersTook) {
    const OneMoment clock;
    const redis::RedisServer server;
    NodeWithLimits one{server, clock};
    NodeWithLimits two{server, clock};
    for (int i = 0; i < 4; ++i) one.counts().take(ask_for(clock));
    wait_until([&two, &clock] { return two.counts().look(ask_for(clock)).left == 6; });
    for (int i = 0; i < 6; ++i) two.counts().take(ask_for(clock));
    wait_until([&one, &clock] { return one.counts().look(ask_for(clock)).left == 0; });
}

TEST(SharedLimits, EachHasItsPartWhileRedisIsAway) {
    const OneMoment clock;
    redis::RedisServer server;
    NodeWithLimits one{server, clock};
    wait_until([&one, &clock] { return one.counts().look(ask_for(clock)).left == 10; });
    server.kill();
    wait_until([&one, &clock] { return one.counts().look(ask_for(clock)).left == 5; });
    for (int i = 0; i < 3; ++i) one.counts().take(ask_for(clock));
    EXPECT_EQ(one.counts().look(ask_for(clock)).left, 2);
    server.start();
    wait_until([&one, &clock] { return one.counts().look(ask_for(clock)).left == 7; });
}

}  // namespace
}  // namespace postern::cluster
