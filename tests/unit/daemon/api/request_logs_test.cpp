#include "daemon/request_journal.hpp"
#include "tests/unit/daemon/api_fixture.hpp"

namespace postern::daemon {
namespace {

class RequestLogCalls : public ApiFixture {
 protected:
    RequestLogCalls() {
        restart_journal();
        around_->journal = journal_.get();
    }
    // What was noted is in the store once the journal has ended.
    void restart_journal() {
        if (journal_ != nullptr) journal_->stop();
        journal_ = std::make_unique<RequestJournal>(RequestJournal::Parts{
            .store = *store_, .metrics = metrics_});
        journal_->start();
        around_->journal = journal_.get();
    }
    ~RequestLogCalls() override { journal_.reset(); }

    std::unique_ptr<RequestJournal> journal_;
};

TEST_F(RequestLogCalls, ShowWhatWasAskedMasked) {
    const auto refused = send("POST", "/api/v2/webhook-endpoints?x=1", R"({"secret":"whsec_1"})");
    EXPECT_EQ(refused.reply.status, 400);
    restart_journal();
    const auto list = get("/api/v2/request-logs");
    ASSERT_EQ(list["data"].size(), 1u) << list.reply.body;
    EXPECT_EQ(list["data.0.object"].string(), "request_log");
    EXPECT_EQ(list["data.0.method"].string(), "POST");
    EXPECT_EQ(list["data.0.path"].string(), "/api/v2/webhook-endpoints");
    EXPECT_EQ(list["data.0.status"].integer(), 400);
    EXPECT_EQ(list["data.0.error_code"].string(), "VALIDATION_ERROR");
    EXPECT_EQ(list["data.0.request_id"].string(), refused.field("X-Request-ID"));
    EXPECT_EQ(list["data.0.parameters.query.x"].string(), "1");
    EXPECT_EQ(list["data.0.parameters.body.secret"].string(), "****");
    const std::string id{list["data.0.id"].string()};
    const auto one = get("/api/v2/request-logs/" + id);
    EXPECT_EQ(one.reply.status, 200);
    EXPECT_EQ(one["id"].string(), id);
}

TEST_F(RequestLogCalls, LogRefusalsOfAKeyAndNothingWithoutOne) {
    const std::string reader = add_key({storage::KeyKind::restricted, storage::Livemode::test});
    ask(
        {.method = "POST",
         .target = "/api/v2/events/resend",
         .fields = {{"Authorization", "Bearer " + reader}}}
    );
    ask({.target = "/api/v2/events"});
    ask({.target = "/openapi.json"});
    get("/api/v2/nowhere");
    restart_journal();
    const auto list = get("/api/v2/request-logs");
    ASSERT_EQ(list["data"].size(), 1u) << list.reply.body;
    EXPECT_EQ(list["data.0.status"].integer(), 403);
}

TEST_F(RequestLogCalls, FilterAndPage) {
    get("/api/v2/events");
    get("/api/v2/inbox");
    const auto last = get("/api/v2/inbox/whk_none");
    restart_journal();
    around_->journal = nullptr;  // the questions below are not to be found by those after them
    const std::pair<std::string, std::size_t> cases[] = {
        {"status=404", 1},
        {"status=2xx", 2},
        {"status=5xx", 0},
        {"method=GET", 3},
        {"method=POST", 0},
        {"path_prefix=/api/v2/inbox", 2},
        {"request_id=" + last.field("X-Request-ID"), 1},
        {"since=2100-01-01", 0},
        {"since=2000-01-01", 3},
        {"limit=2", 2}};
    for (const auto& [query, count] : cases) {
        const auto list = get("/api/v2/request-logs?order=asc&" + query);
        EXPECT_EQ(list["data"].size(), count) << query << list.reply.body;
    }
    for (const char* wrong :
         {"status=6xx", "status=40", "path_prefix=", "api_key_id=key_1", "colour=red"}) {
        EXPECT_EQ(get(std::string{"/api/v2/request-logs?"} + wrong).reply.status, 400) << wrong;
    }
}

TEST_F(RequestLogCalls, AnswerForOthersAsIfAbsent) {
    get("/api/v2/events");
    restart_journal();
    const std::string id{get("/api/v2/request-logs")["data.0.id"].string()};
    const std::string live = add_key({storage::KeyKind::secret, storage::Livemode::live});
    const auto with_live = [this, &live](std::string target) {
        return ask({.target = std::move(target), .fields = {{"Authorization", "Bearer " + live}}});
    };
    EXPECT_EQ(with_live("/api/v2/request-logs/" + id).reply.status, 404);
    EXPECT_EQ(with_live("/api/v2/request-logs")["data"].size(), 0u);
}

}  // namespace
}  // namespace postern::daemon
