#include "daemon/reprocess.hpp"

#include "storage/event_sweep.hpp"
#include "tests/unit/daemon/api_fixture.hpp"

namespace postern::daemon {
namespace {

using storage::Verdict;

constexpr const char* kBody =
    R"({"id":"evt_1","type":"payment_intent.succeeded","data":{"object":{"id":"pi_1",)"
    R"("object":"payment_intent","amount_received":999,"currency":"eur"}}})";

class Reprocess : public ApiFixture {
 protected:
    ApiAnswer reprocess(const storage::IngestOutcome& outcome) {
        return post("/api/v2/inbox/" + inbox_id(outcome) + "/reprocess");
    }
};

// As it was when an older version knew the provider's type not yet, or could not read the body.
const Arrival kBefore[] = {
    {.body = kBody,
     .events = {{.id = "evt_1", .type = "payment_intent.succeeded", .unified = std::nullopt}},
     .verdict = Verdict::unrecognised},
    {.body = kBody, .events = {}, .verdict = Verdict::malformed},
};

class ReprocessAfterUpgrade : public Reprocess, public ::testing::WithParamInterface<int> {};
INSTANTIATE_TEST_SUITE_P(Unread, ReprocessAfterUpgrade, ::testing::Values(0, 1));

TEST_P(ReprocessAfterUpgrade, MakesTheEventsOnce) {
    const auto outcome = arrive(kBefore[GetParam()]);
    const auto answer = reprocess(outcome);
    EXPECT_EQ(answer.reply.status, 200);
    EXPECT_EQ(answer["verdict"].string(), "verified");
    ASSERT_EQ(answer["events"].size(), 1u);
    EXPECT_EQ(answer["events.0.type"].string(), "payment.succeeded");
    EXPECT_EQ(answer["events.0.data.object.amount"].string(), "9.99");
    EXPECT_EQ(answer["events.0.trace_id"].string(), inbox_id(outcome));
    const auto again = reprocess(outcome);
    EXPECT_EQ(again["event_ids"].size(), 1u);
    EXPECT_EQ(again["event_ids.0"].string(), answer["event_ids.0"].string());
    EXPECT_EQ(get("/api/v2/events")["data"].size(), 1u);
}

TEST_F(Reprocess, SchedulesTheDeliveriesOfWhatItFinds) {
    const auto unread = arrive(kBefore[0]);
    const auto endpoint =
        send("POST", "/api/v2/webhook-endpoints", R"({"url":"https://shop.example.com/hooks"})");
    const std::string deliveries =
        "/api/v2/webhook-endpoints/" + std::string{endpoint["id"].string()} + "/deliveries";
    EXPECT_EQ(get(deliveries)["data"].size(), 0u);
    const auto answer = reprocess(unread);
    ASSERT_EQ(get(deliveries)["data"].size(), 1u);
    EXPECT_EQ(get(deliveries)["data.0.event_id"].string(), answer["event_ids.0"].string());
    reprocess(unread);
    EXPECT_EQ(get(deliveries)["data"].size(), 1u);
}

TEST_F(Reprocess, DoesNotRepeatWhatAnotherWebhookTold) {
    const auto unread = arrive(kBefore[1]);
    // The provider comes again after the upgrade, and is understood.
    const UnifiedEvent unified{.type = EventType::payment_succeeded};
    arrive({.body = kBody, .events = {{.id = "evt_1", .type = "t", .unified = unified}}});
    const auto answer = reprocess(unread);
    EXPECT_EQ(answer.reply.status, 200);
    EXPECT_EQ(answer["events"].size(), 0u);
    EXPECT_FALSE(answer["reason"].is_null());
    EXPECT_EQ(get("/api/v2/events")["data"].size(), 1u);
}

TEST_F(Reprocess, TellsNothingAgainThatWentSinceItWasOld) {
    const auto unread = arrive(kBefore[0]);
    reprocess(unread);
    clock_.advance(std::chrono::days{2});
    change([](storage::Transaction& transaction) -> StoreResult {
        const auto gone = storage::forget_events(transaction, {.before = transaction.now()});
        if (!gone) return gone.error();
        return {};
    });
    EXPECT_EQ(get("/api/v2/events")["data"].size(), 0u);
    const auto answer = reprocess(unread);
    EXPECT_EQ(answer.reply.status, 200);
    EXPECT_EQ(answer["events"].size(), 0u);
    EXPECT_EQ(get("/api/v2/events")["data"].size(), 0u);
}

TEST_F(Reprocess, LetsADuplicateOfWhatItClaimedBeADuplicate) {
    const auto unread = arrive(kBefore[1]);
    reprocess(unread);
    const auto later = arrive({.body = kBody, .events = {{.id = "evt_1", .type = "t"}}});
    EXPECT_EQ(later.kind, storage::IngestKind::duplicate);
    EXPECT_EQ(later.inbox, unread.inbox);
}

TEST_F(Reprocess, KeepsEventsThatTodaysCodeNoLongerSees) {
    const UnifiedEvent unified{.type = EventType::payment_succeeded};
    const auto outcome = arrive(
        {.body = "no longer JSON", .events = {{.id = "evt_1", .type = "t", .unified = unified}}}
    );
    const auto answer = reprocess(outcome);
    EXPECT_EQ(answer.reply.status, 200);
    EXPECT_EQ(answer["verdict"].string(), "verified");
    EXPECT_EQ(answer["event_ids.0"].string(), event_id(outcome));
}

TEST_F(Reprocess, NeverChangesTheBytes) {
    const auto outcome = arrive(kBefore[0]);
    const auto before = get("/api/v2/inbox/" + inbox_id(outcome));
    const auto after = reprocess(outcome);
    for (const char* name : {"body_base64", "body_sha256", "received_at"}) {
        EXPECT_EQ(after[name].string(), before[name].string()) << name;
    }
}

TEST_F(Reprocess, SaysWhyItCannot) {
    arrive({.body = kBody, .events = {{.id = "evt_1", .type = "t"}}});
    const auto second = arrive({.body = "other", .events = {{.id = "evt_1", .type = "t"}}});
    ASSERT_EQ(second.kind, storage::IngestKind::second_version);
    const auto answer = reprocess(second);
    EXPECT_EQ(answer.reply.status, 409);
    EXPECT_EQ(answer["error.code"].string(), "CONFLICT");

    const auto orphan = arrive({.gateway = "stripe-other", .body = "b"});
    const GatewayDirectory none;
    surround_with(none);
    EXPECT_EQ(reprocess(orphan).reply.status, 409);
}

TEST_F(Reprocess, TakesNoParameters) {
    const auto outcome = arrive(kBefore[0]);
    const std::string target = "/api/v2/inbox/" + inbox_id(outcome) + "/reprocess";
    EXPECT_EQ(post(target + "?force=1").reply.status, 400);
    const auto answer = ask(
        {.method = "POST",
         .target = target,
         .body = R"({"force":true})",
         .fields = {{"Authorization", "Bearer " + secret_key_}}}
    );
    EXPECT_EQ(answer.reply.status, 400);
    EXPECT_EQ(answer["error.details.0.field"].string(), "force");
}

// Mollie's classic webhooks only carry an id: what happened has to be asked for.
class NamingProvider final : public verifiers::Provider {
 public:
    explicit NamingProvider(verifiers::Fetch::Keep keep) : keep_{keep} {}
    Result<verifiers::Verified, verifiers::VerifyFailure> verify(const verifiers::SignedRequest&)
        const override {
        return verifiers::Verified{};
    }
    Result<verifiers::Normalised, verifiers::NormaliseFailure>
    normalise(const verifiers::SignedRequest&) const override {
        return verifiers::Normalised{};
    }
    std::optional<verifiers::Fetch> fetch_needed(const verifiers::SignedRequest&) const override {
        return verifiers::Fetch{.url = "https://api.example.com/1", .keep = keep_};
    }

 private:
    verifiers::Fetch::Keep keep_;
};

TEST(ReadAgain, RefusesWhatMustBeFetchedButNotForACertificate) {
    using verifiers::Fetch;
    for (const Fetch::Keep keep : {Fetch::Keep::never, Fetch::Keep::until_not_after}) {
        Gateway gateway;
        gateway.id = "naming";
        gateway.kind = verifiers::find_provider_kind("stripe");
        gateway.provider = std::make_unique<NamingProvider>(keep);
        const auto reading = read_again({.body = "id=1"}, gateway);
        EXPECT_EQ(reading.has_value(), keep == Fetch::Keep::until_not_after);
    }
}

}  // namespace
}  // namespace postern::daemon
