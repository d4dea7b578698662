#pragma once

#include "daemon/sandbox_settings.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace postern::daemon {

// A folder of the test's own, gone when the test is.
class FolderTest : public testing::Test {
 protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "postern-daemon-XXXXXX";
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::filesystem::path folder_;
};

inline SettingTable stripe_settings(const std::string& secret) {
    return {{"webhook_secrets", {SettingList{SettingValue{secret}}}}};
}

inline ResolvedGateway stripe_gateway(const std::string& id, const std::string& secret) {
    config::Gateway gateway{.id = id, .kind = "stripe", .settings = stripe_settings(secret)};
    const verifiers::ProviderKind* kind = verifiers::find_provider_kind("stripe");
    auto provider = kind->make(gateway.settings);
    return {.gateway = std::move(gateway), .kind = kind, .provider = std::move(*provider)};
}

}  // namespace postern::daemon
