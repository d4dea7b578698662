#include "storage/ingest.hpp"

#include "storage/event_repository.hpp"
#include "storage/inbox_repository.hpp"
#include "tests/unit/storage/store_fixture.hpp"

#include <set>

namespace postern::storage {
namespace {

class IngestTest : public StoreTest {
 protected:
    IngestOutcome ingest(const IngestRequest& request) {
        IngestItem item{request, {}};
        const auto done = in_transaction(*database_, [&item](Transaction& transaction) {
            IngestItem* items[] = {&item};
            return transaction.connection().ingest(transaction, items);
        });
        EXPECT_TRUE(done.has_value());
        return item.outcome;
    }
    std::int64_t rows(const std::string& table) { return count_rows(database_->writer(), table); }
};

struct Post {
    std::vector<std::string_view> event_ids;
    std::string_view body;
    IngestKind kind;
    std::size_t new_events;
    int same_inbox_as;  // the number of an earlier post, or -1
};

struct Story {
    const char* name;
    std::vector<Post> posts;
};

const Story kStories[] = {
    {"a repeated post is a duplicate of the first",
     {{{"e1"}, "A", IngestKind::stored, 1, -1}, {{"e1"}, "A", IngestKind::duplicate, 0, 0}}},
    {"other bytes under a known id are kept once for each text",
     {{{"e1"}, "A", IngestKind::stored, 1, -1},
      {{"e1"}, "B", IngestKind::second_version, 0, -1},
      {{"e1"}, "B", IngestKind::duplicate, 0, 1},
      {{"e1"}, "C", IngestKind::second_version, 0, -1},
      {{"e1"}, "A", IngestKind::duplicate, 0, 0}}},
    {"only what is new in a post becomes an event",
     {{{"e1"}, "A", IngestKind::stored, 1, -1},
      {{"e1", "e2"}, "B", IngestKind::stored, 1, -1},
      {{"e1", "e2"}, "B", IngestKind::duplicate, 0, 1}}},
    {"an id twice in one post is one event",
     {{{"e1", "e1"}, "A", IngestKind::stored, 1, -1},
      {{"e1", "e1"}, "A", IngestKind::duplicate, 0, 0}}},
    {"without an id the bytes are the id",
     {{{""}, "A", IngestKind::stored, 1, -1},
      {{""}, "A", IngestKind::duplicate, 0, 0},
      {{""}, "B", IngestKind::stored, 1, -1}}},
    {"a post in which we understood nothing is stored and known again",
     {{{}, "A", IngestKind::stored, 0, -1},
      {{}, "A", IngestKind::duplicate, 0, 0},
      {{}, "B", IngestKind::stored, 0, -1}}},
};

TEST_P(IngestTest, StoresEachThingOnce) {
    for (const Story& story : kStories) {
        SCOPED_TRACE(story.name);
        static std::int64_t gateway = 1;
        ++gateway;  // each story has a gateway of its own, so that none knows another's ids
        std::vector<IngestOutcome> outcomes;
        for (const Post& post : story.posts) {
            SCOPED_TRACE(outcomes.size());
            std::vector<IngestEvent> events;
            for (const std::string_view id : post.event_ids) events.push_back(payment_event(id));
            IngestRequest request = request_with(std::move(events), post.body);
            request.gateway = GatewayNumber{gateway};
            const std::int64_t events_before = rows("events");
            outcomes.push_back(ingest(request));
            EXPECT_EQ(outcomes.back().kind, post.kind);
            EXPECT_EQ(rows("events") - events_before, post.new_events);
            if (post.same_inbox_as >= 0) {
                const auto earlier = static_cast<std::size_t>(post.same_inbox_as);
                EXPECT_EQ(outcomes.back().inbox, outcomes[earlier].inbox);
            }
        }
    }
}

TEST_P(IngestTest, FlagsASecondVersionWithItsOriginal) {
    const auto first = ingest(request_with({payment_event("e1")}, "A"));
    const auto second = ingest(request_with({payment_event("e1")}, "B"));
    const auto row = find_inbox(database_->writer(), second.inbox);
    ASSERT_TRUE(row.has_value() && row->has_value());
    EXPECT_EQ((*row)->verdict, Verdict::duplicate);
    EXPECT_EQ((*row)->duplicate_of, first.inbox);
    EXPECT_EQ((*row)->body, "B");
    EXPECT_TRUE((*row)->event_ids.empty());
}

TEST_P(IngestTest, KeepsBytesAsTheyCame) {
    const std::string body{"\0\xff{\"a\":1}\r\n\0", 12};
    auto request = request_with({payment_event("e1")}, body);
    request.verdict = Verdict::unrecognised;
    request.reason = "unknown_type";
    request.livemode = Livemode::live;
    const auto outcome = ingest(request);
    const auto row = find_inbox(database_->writer(), outcome.inbox);
    ASSERT_TRUE(row.has_value() && row->has_value());
    EXPECT_EQ((*row)->body, body);
    EXPECT_EQ((*row)->body_sha256, request.body_sha256);
    EXPECT_EQ((*row)->headers, request.headers);
    EXPECT_EQ((*row)->reason, "unknown_type");
    EXPECT_EQ((*row)->livemode, Livemode::live);
    EXPECT_EQ((*row)->received_at, request.received_at);
    EXPECT_EQ((*row)->gateway_event_id, "e1");
    EXPECT_EQ((*row)->event_ids, outcome.event_ids);
}

TEST_P(IngestTest, KeepsTheTraceWithTheWebhookAndItsEvents) {
    auto request = request_with({payment_event("e1"), payment_event("e2")}, "A");
    request.trace = begin_trace();
    const auto outcome = ingest(request);
    EXPECT_EQ(find_inbox(database_->writer(), outcome.inbox)->value().trace, request.trace);
    for (const EventId id : outcome.event_ids) {
        EXPECT_EQ(find_event(database_->writer(), id)->value().trace, request.trace);
    }
}

TEST_P(IngestTest, StoresAnEmptyBody) {
    const auto outcome = ingest(request_with({}, ""));
    EXPECT_EQ(outcome.kind, IngestKind::stored);
    EXPECT_EQ(find_inbox(database_->writer(), outcome.inbox)->value().body, "");
}

TEST_P(IngestTest, MakesNoEventOfWhatIsOutsideOurVocabulary) {
    IngestEvent event = payment_event("e1");
    event.normalised.reset();
    const auto outcome = ingest(request_with({event, payment_event("e2")}, "A"));
    ASSERT_EQ(outcome.event_ids.size(), 2U);
    EXPECT_EQ(outcome.event_ids[0], EventId{});
    EXPECT_NE(outcome.event_ids[1], EventId{});
    EXPECT_EQ(rows("events"), 1);
    const auto again = ingest(request_with({event}, "A"));
    EXPECT_EQ(again.kind, IngestKind::duplicate) << "known, though no event was made of it";
}

INSTANTIATE_TEST_SUITE_P(EveryDriver, IngestTest, ::testing::ValuesIn(all_drivers()), driver_name);

TEST(DedupeKey, TellsApartWhatMustNotMeet) {
    const SipKey key{1, 2};
    const auto request = request_with({payment_event("e1"), payment_event("e2")}, "A");
    auto other_gateway = request;
    other_gateway.gateway = GatewayNumber{2};
    auto without_id = request_with({payment_event("")}, "A");
    // A provider whose id happens to be the bytes of a hash must not hit the body's entry.
    auto id_like_hash = request_with({payment_event(without_id.body_sha256)}, "A");
    const DedupeKey keys[] = {
        dedupe_key(key, request, 0),
        dedupe_key(key, request, 1),
        dedupe_key(key, other_gateway, 0),
        dedupe_key(key, without_id, 0),
        dedupe_key(key, id_like_hash, 0),
        dedupe_key(SipKey{2, 1}, request, 0),
    };
    std::set<std::int64_t> seen;
    for (const DedupeKey& one : keys) {
        EXPECT_GE(one.key, 0);
        EXPECT_GE(one.check, 0);
        EXPECT_TRUE(seen.insert(one.key).second);
        EXPECT_TRUE(seen.insert(one.check).second);
    }
    EXPECT_EQ(dedupe_key(key, request, 0), dedupe_key(key, request, 0));
    EXPECT_EQ(next_dedupe_place(std::numeric_limits<std::int64_t>::max()), 0);
}

TEST(EventIds, SurvivePacking) {
    const std::vector<EventId> ids = {EventId{1}, EventId{0x0102030405060708}};
    EXPECT_EQ(unpack_event_ids(pack_event_ids(ids)), ids);
    EXPECT_EQ(pack_event_ids({EventId{}, EventId{7}}), std::string("\0\0\0\0\0\0\0\7", 8));
    EXPECT_TRUE(unpack_event_ids("").empty());
}

}  // namespace
}  // namespace postern::storage
