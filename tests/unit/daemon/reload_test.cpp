#include "daemon/reload.hpp"

#include "tests/unit/daemon/daemon_testing.hpp"

#include <optional>
#include <stdexcept>

namespace postern::daemon {
namespace {

class FakeTarget final : public Reloadable {
 public:
    void take_log(const config::Log& wanted) override { log_ = wanted; }
    void take_terms(const ListenerTerms& terms) override { terms_ = terms; }
    void take_gateway(ResolvedGateway gateway) override { gateways_.push_back(std::move(gateway)); }

    std::optional<config::Log> log_;
    std::optional<ListenerTerms> terms_;
    std::vector<ResolvedGateway> gateways_;
};

class ReloadTest : public FolderTest {
 protected:
    void SetUp() override {
        FolderTest::SetUp();
        running_.data_dir = folder_;
        running_.gateways = {
            stripe_gateway("main", "whsec_first").gateway,
            stripe_gateway("other", "whsec_second").gateway};
        read_ = running_;
    }
    Reloader make_reloader() {
        return Reloader{{.target = target_, .running = running_, .read = [this] {
                             return read();
                         }}};
    }
    Result<config::Config, std::vector<Complaint>> read() const {
        if (!complaints_.empty()) return complaints_;
        return read_;
    }

    config::Config running_;
    config::Config read_;
    std::vector<Complaint> complaints_;
    FakeTarget target_;
};

TEST_F(ReloadTest, ReadsCertificatesAgainThoughNoKeyChanged) {
    Reloader reloader = make_reloader();
    EXPECT_EQ(reloader.reload(), "Reloaded");
    ASSERT_TRUE(target_.terms_.has_value());
    EXPECT_NE(target_.terms_->public_side, nullptr);
    EXPECT_NE(target_.terms_->private_side, nullptr);
    EXPECT_EQ(target_.terms_->tls_side, nullptr);
    EXPECT_TRUE(target_.gateways_.empty());
}

TEST_F(ReloadTest, HandsOverTheLogAsItIsToBe) {
    read_.log = {.level = log::Level::warn, .format = log::Format::json, .access = true};
    Reloader reloader = make_reloader();
    EXPECT_EQ(reloader.reload(), "Reloaded");
    ASSERT_TRUE(target_.log_.has_value());
    EXPECT_EQ(*target_.log_, read_.log);
}

TEST_F(ReloadTest, ChangesThoseGatewaysWhoseSecretsChanged) {
    read_.gateways[1].settings = stripe_settings("whsec_third");
    Reloader reloader = make_reloader();
    EXPECT_EQ(reloader.reload(), "Reloaded");
    ASSERT_EQ(target_.gateways_.size(), 1U);
    EXPECT_EQ(target_.gateways_.front().gateway.id, "other");
    EXPECT_EQ(target_.gateways_.front().gateway.settings, stripe_settings("whsec_third"));
    target_.gateways_.clear();
    EXPECT_EQ(reloader.reload(), "Reloaded");
    EXPECT_TRUE(target_.gateways_.empty());
}

TEST_F(ReloadTest, NamesWhatOnlyTheNextStartTakes) {
    read_.listen.port = 4711;
    read_.limits.idle_timeout = std::chrono::seconds{3};
    Reloader reloader = make_reloader();
    EXPECT_EQ(reloader.reload(), "Reloaded; these take effect at the next start: listen");
    EXPECT_EQ(reloader.running().listen, running_.listen);
    EXPECT_EQ(reloader.running().limits.idle_timeout, std::chrono::seconds{3});
}

TEST_F(ReloadTest, RefusesWhatCannotBeRead) {
    complaints_ = {Complaint{"postern.toml: limits: ends too early"}, Complaint{"another"}};
    Reloader reloader = make_reloader();
    EXPECT_EQ(
        reloader.reload(),
        "Reload refused, the configuration before it stays: postern.toml: limits: ends too early"
    );
    EXPECT_FALSE(target_.terms_.has_value());
}

TEST_F(ReloadTest, OutlivesAnExceptionWhileItReads) {
    Reloader reloader{
        {.target = target_, .running = running_, .read = []() -> ReadConfig::result_type {
             throw std::runtime_error{"no memory"};
         }}};
    EXPECT_EQ(reloader.reload(), "Reload refused, the configuration before it stays: no memory");
    EXPECT_FALSE(target_.terms_.has_value());
}

TEST_F(ReloadTest, TakesNothingOfAConfigurationWithOneMistake) {
    struct Case {
        std::string_view name;
        void (*spoil)(config::Config& config);
        std::string_view said;
    };
    const Case cases[] = {
        {"a gateway without its secret",
         [](config::Config& config) {
             config.gateways[1].mode = config::Mode::live;
             config.gateways[1].settings.clear();
         },
         "gateway \"other\""},
        {"a new gateway of no kind",
         [](config::Config& config) {
             config.gateways.push_back({.id = "third", .kind = "nobody"});
         },
         "gateway \"third\""},
        {"a certificate that is not there",
         [](config::Config& config) {
             config.tls.certificate_file = "/nowhere/certificate.pem";
             config.tls.key_file = "/nowhere/key.pem";
         },
         "/nowhere/certificate.pem"},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        read_ = running_;
        read_.log.level = log::Level::debug;
        read_.gateways[0].settings = stripe_settings("whsec_third");
        test_case.spoil(read_);
        Reloader reloader = make_reloader();
        const std::string said = reloader.reload();
        EXPECT_TRUE(said.starts_with("Reload refused")) << said;
        EXPECT_NE(said.find(test_case.said), std::string::npos) << said;
        EXPECT_FALSE(target_.terms_.has_value());
        EXPECT_TRUE(target_.gateways_.empty());
        EXPECT_FALSE(target_.log_.has_value());
        EXPECT_EQ(reloader.running().log, running_.log);
    }
}

}  // namespace
}  // namespace postern::daemon
