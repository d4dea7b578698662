#include "core/ids.hpp"

#include <gtest/gtest.h>

namespace postern {
namespace {

const IdCodec kCodec{SipKey{1, 2}};

TEST(Ids, SurviveTheWayOutAndBack) {
    IdGenerator generator{3, 0};
    std::int64_t last = 0;
    std::string last_text;
    for (int i = 0; i < 40'000; ++i) {  // more than one millisecond's sequence
        const EventId id{generator.next(from_unix_seconds(1'700'000'000))};
        EXPECT_GT(id.value, last);
        last = id.value;
        const std::string text = kCodec.encode(id);
        EXPECT_GT(text, last_text);
        last_text = text;
        EXPECT_EQ(kCodec.decode<EventId>(text), id);
    }
}

TEST(Ids, RefuseWhatTheyDidNotMake) {
    const std::string text = kCodec.encode(EventId{1'700'000'000'000LL << kIdLowBits});
    ASSERT_EQ(text[4 + 14], '7') << "a UUID of version 7";
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::string changed = text;
        changed[i] = changed[i] == '0' ? '1' : '0';
        EXPECT_FALSE(kCodec.decode<EventId>(changed).has_value()) << i;
    }
    EXPECT_FALSE(kCodec.decode<InboxId>(text).has_value());
    EXPECT_FALSE(IdCodec(SipKey{2, 1}).decode<EventId>(text).has_value());
    EXPECT_FALSE(kCodec.decode<EventId>("").has_value());
}

TEST(Ids, NeverGoBackWhenTheClockDoes) {
    IdGenerator generator{0, 0};
    const auto first = generator.next(from_unix_seconds(1000));
    const auto second = generator.next(from_unix_seconds(10));
    EXPECT_GT(second, first);
    EXPECT_EQ(time_of_id(first), from_unix_seconds(1000));
}

TEST(Ids, GoOnAfterOneOfAnotherNodesWhoseClockIsAhead) {
    IdGenerator behind{1, 0};
    IdGenerator ahead{63, 0};
    const TimePoint now = from_unix_seconds(1000);
    const auto other = ahead.next(now + std::chrono::milliseconds{5});
    behind.go_on_after(other);
    const auto next = behind.next(now);
    EXPECT_GT(next, other);
    EXPECT_EQ(node_of_id(next), 1U);
    EXPECT_LE(time_of_id(next), now + std::chrono::milliseconds{7});
    behind.go_on_after(other);
    EXPECT_GT(behind.next(now), next) << "which it was already";
}

TEST(Ids, NameTheNodeThatMadeThem) {
    IdGenerator generator{0, 0};
    const TimePoint now = from_unix_seconds(1000);
    const auto before = generator.next(now);
    EXPECT_EQ(node_of_id(before), 0U);
    generator.set_node(63);
    const auto after = generator.next(now);
    EXPECT_EQ(node_of_id(after), 63U);
    EXPECT_GT(after, before);
}

}  // namespace
}  // namespace postern
