#include "daemon/job_steps.hpp"

#include "tests/unit/daemon/api/endpoint_testing.hpp"

namespace postern::daemon {
namespace {

class JobSteps : public EndpointFixture {
 protected:
    static constexpr const char* kSince = R"("since":"2023-11-14T22:00:00Z")";

    static std::string body(const std::string& more = {}) {
        return std::string{"{"} + kSince + (more.empty() ? "" : "," + more) + "}";
    }
    static std::string job_at(std::string_view id) { return "/api/v2/jobs/" + std::string{id}; }
    std::string begun(const std::string& target, const std::string& more = {}) {
        clock_.advance(std::chrono::seconds{1});
        const auto job = send("POST", target, body(more));
        EXPECT_EQ(job.reply.status, 202) << job.reply.body;
        EXPECT_EQ(job["state"].string(), "running");
        return std::string{job["id"].string()};
    }
    JobStep step(std::string_view job) {
        JobStep made;
        const JobId id = *store_->ids.decode<JobId>(job);
        change([this, &made, id](storage::Transaction& transaction) -> StoreResult {
            const JobSurroundings around{*endpoints_, store_->ids, others_know_after_};
            auto run = run_job_step(transaction, around, id);
            if (!run) return run.error();
            made = std::move(*run);
            return {};
        });
        return made;
    }
    int run_to_its_end(std::string_view job) {
        for (int steps = 1; steps < 1'000; ++steps) {
            const JobStep made = step(job);
            if (!made.job || made.job->state != storage::JobState::running) return steps;
        }
        ADD_FAILURE() << "the job does not end";
        return 0;
    }
    std::chrono::seconds others_know_after_{0};
    std::size_t count(const std::string& endpoint, const std::string& state) {
        return get(at(endpoint, "/deliveries?limit=100&state=" + state))["data"].size();
    }
};

TEST_F(JobSteps, RecoverWhatFailed) {
    const std::string endpoint = created_id();
    for (int i = 0; i < 5; ++i) {
        tell("evt_" + std::to_string(i));
        const auto state = i < 3 ? storage::DeliveryState::dead : storage::DeliveryState::delivered;
        close_as(first_delivery(endpoint), state);
    }
    const std::string job = begun(at(endpoint, "/recover"), R"("only":"failed")");
    run_to_its_end(job);
    EXPECT_EQ(count(endpoint, "pending"), 3U);
    EXPECT_EQ(count(endpoint, "delivered"), 2U);
    const auto done = get(job_at(job));
    EXPECT_EQ(done["state"].string(), "finished");
    EXPECT_EQ(done["progress.percent"].integer(), 100);
    EXPECT_EQ(done["progress.scheduled"].integer(), 3);
    EXPECT_EQ(done["progress.looked_at"].integer(), 3);
}

TEST_F(JobSteps, RecoverWhatNeverWas) {
    tell("before_it_was_made");
    tell("not_wanted", EventType::refund_created);
    const std::string endpoint = created_id(R"("event_types":["payment.*"])");
    tell("received");
    close_as(first_delivery(endpoint), storage::DeliveryState::delivered);
    tell("failed");
    close_as(first_delivery(endpoint), storage::DeliveryState::dead);
    post(at(endpoint, "/disable"));
    tell("while_disabled");
    EXPECT_EQ(send("POST", at(endpoint, "/recover"), body()).reply.status, 409);
    post(at(endpoint, "/enable"));
    run_to_its_end(begun(at(endpoint, "/recover"), R"("only":"missing")"));
    EXPECT_EQ(count(endpoint, "pending"), 2U);
    EXPECT_EQ(count(endpoint, "dead"), 1U);
    run_to_its_end(begun(at(endpoint, "/recover")));
    EXPECT_EQ(count(endpoint, "pending"), 3U);
    EXPECT_EQ(count(endpoint, "delivered"), 1U);
}

TEST_F(JobSteps, GoOnWhereTheyWereAfterARestart) {
    for (int i = 0; i < 7; ++i) tell("evt_" + std::to_string(i));
    const std::string endpoint = created_id();
    const std::string job =
        begun(at(endpoint, "/recover"), R"("only":"missing","rate_per_second":2)");
    EXPECT_EQ(step(job).job->scheduled, 2);
    reopen();
    EXPECT_EQ(get(job_at(job))["progress.scheduled"].integer(), 2);
    EXPECT_EQ(run_to_its_end(job), 3);
    EXPECT_EQ(count(endpoint, "pending"), 7U);
    EXPECT_EQ(get(job_at(job))["progress.scheduled"].integer(), 7);
    run_to_its_end(begun(at(endpoint, "/recover"), R"("only":"missing")"));
    EXPECT_EQ(count(endpoint, "pending"), 7U);
}

TEST_F(JobSteps, KeepTheirRate) {
    for (int i = 0; i < 5; ++i) tell("evt_" + std::to_string(i));
    const std::string endpoint = created_id();
    const std::string job = begun(at(endpoint, "/recover"), R"("rate_per_second":4)");
    EXPECT_EQ(step(job).pause, std::chrono::microseconds{0});  // among the deliveries: none
    const JobStep made = step(job);
    EXPECT_EQ(made.job->scheduled, 4);
    EXPECT_EQ(made.pause, std::chrono::seconds{1});
    EXPECT_EQ(made.nudges.size(), 4U);
}

TEST_F(JobSteps, DoNothingMoreOnceTheyAreCanceled) {
    for (int i = 0; i < 5; ++i) tell("evt_" + std::to_string(i));
    const std::string endpoint = created_id();
    const std::string job =
        begun(at(endpoint, "/recover"), R"("only":"missing","rate_per_second":2)");
    step(job);
    const auto canceled = send("DELETE", job_at(job));
    EXPECT_EQ(canceled["state"].string(), "canceled");
    EXPECT_FALSE(step(job).job.has_value());
    EXPECT_EQ(count(endpoint, "pending"), 2U);
    EXPECT_EQ(send("DELETE", job_at(job))["state"].string(), "canceled");
}

TEST_F(JobSteps, SendEventsAgainToAllWhoWantThem) {
    const std::string first = created_id(R"("event_types":["payment.*"])");
    const std::string second = created_id();
    tell("pay");
    close_as(first_delivery(first), storage::DeliveryState::delivered);
    close_as(first_delivery(second), storage::DeliveryState::delivered);
    tell("refund", EventType::refund_created);
    close_as(first_delivery(second), storage::DeliveryState::delivered);
    const std::string job = begun("/api/v2/events/resend", R"("type":"payment.*")");
    run_to_its_end(job);
    EXPECT_EQ(get(job_at(job))["progress.scheduled"].integer(), 2);
    EXPECT_EQ(count(first, "pending"), 1U);
    EXPECT_EQ(count(second, "pending"), 1U);
    EXPECT_EQ(count(second, "delivered"), 1U);
    run_to_its_end(
        begun("/api/v2/events/resend", R"("gateway":"stripe-main","endpoint_id":")" + second + "\"")
    );
    EXPECT_EQ(count(second, "pending"), 2U);
}

TEST_F(JobSteps, CloseWhatADeletedEndpointLeaves) {
    const std::string endpoint = created_id();
    for (int i = 0; i < 3; ++i) tell("evt_" + std::to_string(i));
    const std::string open = first_delivery(endpoint);
    send("DELETE", at(endpoint));
    const std::string job{get("/api/v2/jobs")["data.0.id"].string()};
    EXPECT_EQ(send("DELETE", job_at(job)).reply.status, 409);
    run_to_its_end(job);
    EXPECT_EQ(stored(open).state, storage::DeliveryState::canceled);
    EXPECT_EQ(stored(open).reason, "endpoint_deleted");
    EXPECT_EQ(get(job_at(job))["progress.looked_at"].integer(), 3);
}

TEST_F(JobSteps, GoOnClosingUntilOtherNodesKnowThatTheEndpointWent) {
    const std::string endpoint = created_id();
    send("DELETE", at(endpoint));
    const std::string job{get("/api/v2/jobs")["data.0.id"].string()};
    others_know_after_ = std::chrono::seconds{5};
    EXPECT_EQ(step(job).job->state, storage::JobState::running);
    EXPECT_GT(step(job).pause.count(), 0);
    clock_.advance(std::chrono::seconds{5});
    EXPECT_EQ(step(job).job->state, storage::JobState::finished);
}

TEST_F(JobSteps, FailWhenTheirEndpointGoes) {
    for (int i = 0; i < 3; ++i) tell("evt_" + std::to_string(i));
    const std::string endpoint = created_id();
    const std::string job = begun(at(endpoint, "/recover"), R"("rate_per_second":1)");
    step(job);
    post(at(endpoint, "/disable"));
    run_to_its_end(job);
    const auto failed = get(job_at(job));
    EXPECT_EQ(failed["state"].string(), "failed");
    EXPECT_NE(failed["error"].string().find("disabled"), std::string::npos);
}

TEST_F(JobSteps, AreRefusedWhenTheyAreAskedForWrongly) {
    const std::string endpoint = created_id();
    const std::pair<const char*, const char*> cases[] = {
        {"{}", "since"},
        {R"({"since":"2020-01-01"})", "since"},
        {R"({"since":"2024-01-01"})", "since"},
        {R"({"since":"yesterday"})", "since"},
        {R"({"since":"2023-11-14","only":"all"})", "only"},
        {R"({"since":"2023-11-14","rate_per_second":0})", "rate_per_second"},
        {R"({"since":"2023-11-14","rate_per_second":1001})", "rate_per_second"},
        {R"({"since":"2023-11-14","from":1})", "from"},
    };
    for (const auto& [sent, field] : cases) {
        SCOPED_TRACE(sent);
        const auto answer = send("POST", at(endpoint, "/recover"), sent);
        EXPECT_EQ(answer.reply.status, 400);
        EXPECT_EQ(answer["error.details.0.field"].string(), field);
    }
    const auto gateway =
        send("POST", "/api/v2/events/resend", body(R"("gateway":"stripe-foreign")"));
    EXPECT_EQ(gateway["error.details.0.field"].string(), "gateway");
    EXPECT_EQ(get("/api/v2/jobs")["data"].size(), 0U);
}

TEST_F(JobSteps, AreListedByStateAndEndpoint) {
    const std::string first = created_id();
    const std::string second = created_id();
    const std::string job = begun(at(first, "/recover"));
    begun(at(second, "/recover"));
    run_to_its_end(job);
    const std::pair<std::string, std::size_t> cases[] = {
        {"", 2}, {"?state=running", 1}, {"?state=failed", 0}, {"?endpoint_id=" + first, 1}};
    for (const auto& [query, size] : cases) {
        EXPECT_EQ(get("/api/v2/jobs" + query)["data"].size(), size) << query;
    }
    EXPECT_EQ(get("/api/v2/jobs?state=on").reply.status, 400);
    EXPECT_EQ(get("/api/v2/jobs?endpoint_id=x").reply.status, 400);
}

TEST_F(JobSteps, RunOnAThreadOfTheirOwn) {
    for (int i = 0; i < 3; ++i) tell("evt_" + std::to_string(i));
    const std::string endpoint = created_id();
    jobs_->start();
    const std::string job = begun(at(endpoint, "/recover"), R"("rate_per_second":1000)");
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (get(job_at(job))["state"].string() == "running") {
        ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    }
    jobs_->stop();
    EXPECT_EQ(count(endpoint, "pending"), 3U);
}

TEST(JobParameters, AreReadAsTheyWereWritten) {
    const JobParameters parameters{
        .only = JobParameters::Only::missing,
        .type = "payment.*",
        .gateway = storage::GatewayNumber{3},
        .since = from_unix_seconds(1'700'000'000),
        .until = from_unix_seconds(1'700'000'100),
        .rate_per_second = 7};
    EXPECT_EQ(job_parameters_from_json(to_json(parameters)), parameters);
    EXPECT_EQ(job_parameters_from_json("{}"), std::nullopt);
    EXPECT_EQ(job_parameters_from_json("not JSON"), std::nullopt);
}

TEST(JobProgress, GrowsWithTheTimeThatLiesBehind) {
    const JobParameters parameters{
        .since = from_unix_seconds(1'000), .until = from_unix_seconds(2'000)};
    storage::JobRow job = new_job(storage::JobKind::recover, parameters);
    const auto percent_at = [&job](std::int64_t seconds, std::int64_t sign) {
        job.cursor = sign * first_id_at(from_unix_seconds(seconds));
        return percent_done(job);
    };
    EXPECT_EQ(percent_done(job), 0);
    EXPECT_EQ(percent_at(1'500, -1), 25);
    EXPECT_EQ(percent_at(1'000, 1), 50);
    EXPECT_EQ(percent_at(1'500, 1), 75);
    EXPECT_EQ(percent_at(2'000, 1), 99);
    job.state = storage::JobState::finished;
    EXPECT_EQ(percent_done(job), 100);
}

}  // namespace
}  // namespace postern::daemon
