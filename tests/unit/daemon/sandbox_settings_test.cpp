#include "daemon/sandbox_settings.hpp"

#include "config/files.hpp"
#include "daemon/private_files.hpp"
#include "tests/unit/daemon/daemon_testing.hpp"

#include <array>

namespace postern::daemon {
namespace {

using verifiers::ProviderKind;

std::optional<std::string> made_for_url;

// Stands for a provider that signs the URL, whether or not one is registered.
Result<std::unique_ptr<verifiers::Provider>, Complaint> make_square(const SettingTable& settings) {
    const auto url = settings.find("notification_url");
    if (url == settings.end()) return Complaint{"square: notification_url is required"};
    made_for_url = std::get<std::string>(url->second.value);
    return verifiers::find_provider_kind("stripe")->make(stripe_settings("whsec_square"));
}

std::optional<verifiers::SampleWebhook>
no_sample(const SettingTable&, const verifiers::SampleWish&) {
    return std::nullopt;
}

SettingTable square_secrets() {
    return {{"signature_keys", {SettingList{SettingValue{std::string{"made"}}}}}};
}

std::vector<ProviderKind> kinds() {
    return {
        *verifiers::find_provider_kind("stripe"),
        {"square", "Square", make_square, no_sample, square_secrets}};
}

std::string secret_of(const ResolvedGateway& gateway) {
    const auto& list =
        std::get<SettingList>(gateway.gateway.settings.find("webhook_secrets")->second.value);
    return std::get<std::string>(list.front().value);
}

config::Config with_gateway(config::Gateway gateway) {
    return {.gateways = {std::move(gateway)}};
}

std::string complaint_of(const Result<std::vector<ResolvedGateway>, std::vector<Complaint>>& made) {
    return made.has_value() ? std::string{} : made.error().front().message;
}

class SandboxSettings : public FolderTest {
 protected:
    GatewaySources sources(MissingSecrets missing = MissingSecrets::create) const {
        return {.data_dir = folder_, .kinds = kinds_, .missing = missing};
    }
    std::vector<ProviderKind> kinds_ = kinds();
};

TEST_F(SandboxSettings, GiveEveryKindAGatewayWhenNoneIsConfigured) {
    const auto made = make_gateway_settings({}, sources());
    ASSERT_EQ(complaint_of(made), "");
    ASSERT_EQ(made->size(), 2U);
    EXPECT_EQ((*made)[0].gateway.id, "stripe");
    EXPECT_EQ((*made)[1].gateway.id, "square");
    EXPECT_EQ((*made)[1].gateway.mode, config::Mode::sandbox);
}

TEST_F(SandboxSettings, KeepTheirSecretsForTheNextStart) {
    const auto first = make_gateway_settings({}, sources());
    ASSERT_EQ(complaint_of(first), "");
    const auto second = make_gateway_settings({}, sources(MissingSecrets::refuse));
    ASSERT_EQ(complaint_of(second), "");
    EXPECT_EQ(secret_of((*first)[0]), secret_of((*second)[0]));
    const auto path = folder_ / "sandbox" / "stripe.json";
    using std::filesystem::perms;
    EXPECT_EQ(
        std::filesystem::status(path).permissions() & perms::mask,
        perms::owner_read | perms::owner_write
    );
    EXPECT_EQ(
        std::filesystem::status(path.parent_path()).permissions() & perms::mask, perms::owner_all
    );
}

TEST_F(SandboxSettings, LeaveNothingBehindWhenTheyAreOnlyInvented) {
    ASSERT_EQ(complaint_of(make_gateway_settings({}, sources(MissingSecrets::invent))), "");
    EXPECT_FALSE(std::filesystem::exists(folder_ / "sandbox"));
}

TEST_F(SandboxSettings, AreMissedByWhoeverMustAgreeWithTheDaemon) {
    const auto made = make_gateway_settings({}, sources(MissingSecrets::refuse));
    EXPECT_NE(complaint_of(made).find("start `postern serve`"), std::string::npos);
}

TEST_F(SandboxSettings, AreNotMadeAnewWhenTheFileIsBroken) {
    ASSERT_EQ(make_private_folder(folder_ / "sandbox"), std::nullopt);
    const auto path = folder_ / "sandbox" / "stripe.json";
    ASSERT_EQ(write_private_file(path, "{"), std::nullopt);
    const auto made = make_gateway_settings({}, sources());
    EXPECT_NE(complaint_of(made).find("cannot be read"), std::string::npos);
    EXPECT_EQ(config::read_whole_file(path), "{");
}

TEST_F(SandboxSettings, AreMadeAnewForAnotherKind) {
    const auto stripe = with_gateway({.id = "shop", .kind = "stripe"});
    ASSERT_EQ(complaint_of(make_gateway_settings(stripe, sources())), "");
    const auto square = with_gateway({.id = "shop", .kind = "square"});
    const auto made = make_gateway_settings(square, sources());
    ASSERT_EQ(complaint_of(made), "");
    EXPECT_TRUE(made->front().gateway.settings.contains("signature_keys"));
}

TEST_F(SandboxSettings, StandBehindWhatIsConfigured) {
    const auto made = make_gateway_settings(
        with_gateway(
            {.id = "s", .kind = "stripe", .settings = {{"tolerance_seconds", {std::int64_t{60}}}}}
        ),
        sources()
    );
    ASSERT_EQ(complaint_of(made), "");
    const SettingTable& settings = made->front().gateway.settings;
    EXPECT_EQ(std::get<std::int64_t>(settings.find("tolerance_seconds")->second.value), 60);
    EXPECT_TRUE(settings.contains("webhook_secrets"));
}

TEST_F(SandboxSettings, AreNotMadeWhereSecretsAreConfigured) {
    const auto made = make_gateway_settings(
        with_gateway({.id = "s", .kind = "stripe", .settings = stripe_settings("whsec_mine")}),
        sources()
    );
    ASSERT_EQ(complaint_of(made), "");
    EXPECT_EQ(secret_of(made->front()), "whsec_mine");
    EXPECT_FALSE(std::filesystem::exists(folder_ / "sandbox"));
}

TEST_F(SandboxSettings, DoNotHideAMisspeltSecret) {
    SettingTable settings;
    settings.emplace("webhook_secretz", SettingValue{std::string{"whsec_mine"}});
    const auto made = make_gateway_settings(
        with_gateway({.id = "s", .kind = "stripe", .settings = settings}), sources()
    );
    EXPECT_NE(complaint_of(made).find("did you mean webhook_secrets?"), std::string::npos);
    EXPECT_EQ(complaint_of(made).find("whsec_mine"), std::string::npos);
}

TEST_F(SandboxSettings, AreNeverMadeForALiveGateway) {
    const auto made = make_gateway_settings(
        with_gateway({.id = "s", .kind = "stripe", .mode = config::Mode::live}), sources()
    );
    EXPECT_NE(complaint_of(made).find("gateway \"s\": "), std::string::npos);
    EXPECT_NE(complaint_of(made).find("webhook_secrets is required"), std::string::npos);
}

TEST_F(SandboxSettings, NameTheClosestKind) {
    const auto made = make_gateway_settings(with_gateway({.id = "s", .kind = "stripo"}), sources());
    EXPECT_NE(complaint_of(made).find("did you mean stripe?"), std::string::npos);
}

struct UrlCase {
    const char* name;
    config::Mode mode;
    const char* public_url;
    const char* configured;
    const char* expected;  // nullptr: none, which this kind refuses
};

constexpr UrlCase kUrlCases[] = {
    {"takes the public URL",
     config::Mode::live,
     "https://pay.example.com",
     nullptr,
     "https://pay.example.com/api/v2/webhooks/s"},
    {"takes the listener's in sandbox mode",
     config::Mode::sandbox,
     "",
     nullptr,
     "http://127.0.0.1:8080/api/v2/webhooks/s"},
    {"keeps a configured one",
     config::Mode::live,
     "https://pay.example.com",
     "https://old.example.com/x",
     "https://old.example.com/x"},
    {"has none for a live gateway without a public URL", config::Mode::live, "", nullptr, nullptr},
};

TEST_F(SandboxSettings, KnowTheUrlThatIsSigned) {
    for (const UrlCase& test_case : kUrlCases) {
        SCOPED_TRACE(test_case.name);
        config::Config config = with_gateway(
            {.id = "s", .kind = "square", .mode = test_case.mode, .settings = square_secrets()}
        );
        config.public_url = test_case.public_url;
        if (test_case.configured != nullptr) {
            config.gateways.front().settings.emplace(
                "notification_url", SettingValue{std::string{test_case.configured}}
            );
        }
        made_for_url.reset();
        const auto made = make_gateway_settings(config, sources());
        EXPECT_EQ(made.has_value(), test_case.expected != nullptr);
        const auto expected = test_case.expected == nullptr
                                  ? std::nullopt
                                  : std::optional<std::string>{test_case.expected};
        EXPECT_EQ(made_for_url, expected);
    }
}

TEST_F(SandboxSettings, CountEveryGatewayThatCannotBeUsed) {
    const config::Config config{
        .gateways = {
            {.id = "a", .kind = "stripo"},
            {.id = "b", .kind = "stripe"},
            {.id = "c", .kind = "stripe", .mode = config::Mode::live}}};
    const auto made = make_gateway_settings(config, sources());
    ASSERT_FALSE(made.has_value());
    EXPECT_EQ(made.error().size(), 2U);
}

}  // namespace
}  // namespace postern::daemon
