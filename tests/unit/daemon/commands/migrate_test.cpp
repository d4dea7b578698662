#include "daemon/commands/migrate.hpp"

#include "daemon/commands/shared_store.hpp"

#include <gtest/gtest.h>

namespace postern::daemon::commands {
namespace {

using Wish = MigrateOptions::Wish;

const std::vector<std::string> kNames = {"0005_trace", "0006_nodes"};

TEST(Migrate, SaysWhatItDidOrWouldDo) {
    EXPECT_EQ(migration_text({}, Wish::apply), "The store is up to date.\n");
    EXPECT_EQ(migration_text(kNames, Wish::apply), "Applied:\n  0005_trace\n  0006_nodes\n");
    EXPECT_EQ(migration_text(kNames, Wish::show), "To be applied:\n  0005_trace\n  0006_nodes\n");
    EXPECT_EQ(migration_json({}, Wish::apply), "{\"applied\":[]}\n");
    EXPECT_EQ(
        migration_json(kNames, Wish::show), "{\"pending\":[\"0005_trace\",\"0006_nodes\"]}\n"
    );
}

TEST(SharedStore, IsCopiedWithItsOwnTools) {
    config::Config config;
    EXPECT_EQ(complaint_about_copying(config), std::nullopt);
    config.storage.url = "postgres://u:hunter2@h/d";
    config.data_dir = "/srv/postern";
    const auto complaint = complaint_about_copying(config);
    ASSERT_TRUE(complaint.has_value());
    for (const char* word : {"pg_dump", "snapshots", "secrets.key of /srv/postern"}) {
        EXPECT_NE(complaint->message.find(word), std::string::npos) << word;
    }
    EXPECT_EQ(complaint->message.find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace postern::daemon::commands
