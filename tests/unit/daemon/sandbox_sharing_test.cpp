#include "daemon/sandbox_sharing.hpp"

#include "config/files.hpp"
#include "tests/unit/daemon/api_fixture.hpp"

namespace postern::daemon {
namespace {

class SandboxSharingTest : public ApiFixture {
 protected:
    // A node's gateways, with the files of those that make secrets of their own.
    std::vector<ResolvedGateway> gateways_of_node(const std::string& node) const {
        config::Config config;
        config.payments.enabled = false;
        config.gateways = {{.id = "shop", .kind = "stripe"}};
        auto made = make_gateway_settings(
            config, {.data_dir = directory_ / node, .kinds = verifiers::provider_kinds()}
        );
        EXPECT_TRUE(made.has_value());
        return std::move(*made);
    }
    std::optional<SharedSandbox> share(const std::string& node, const SecretBox& secrets) {
        const std::filesystem::path folder = directory_ / node;
        const auto shared = share_sandbox_secrets(
            *store_, {.data_dir = folder, .secrets = secrets}, gateways_of_node(node)
        );
        return shared ? std::optional{*shared} : std::nullopt;
    }
    std::string file_of(const std::string& node) const {
        return config::read_whole_file(sandbox_secrets_path(directory_ / node, "shop"))
            .value_or("");
    }
};

TEST_F(SandboxSharingTest, TheFirstNodesSecretsAreEverybodys) {
    EXPECT_EQ(share("first", secrets_), SharedSandbox::as_before);
    EXPECT_EQ(share("second", secrets_), SharedSandbox::changed);
    EXPECT_EQ(file_of("second"), file_of("first"));
    EXPECT_NE(file_of("first"), "");
    EXPECT_EQ(share("second", secrets_), SharedSandbox::as_before);
}

TEST_F(SandboxSharingTest, NobodyTakesWhatHeCannotOpen) {
    EXPECT_EQ(share("first", secrets_), SharedSandbox::as_before);
    EXPECT_EQ(share("second", SecretBox{std::string(32, 'x')}), std::nullopt);
}

}  // namespace
}  // namespace postern::daemon
