#include "verifiers/event_ids.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

TEST(EventIds, AreTheProvidersOwnWhereItGivesOne) {
    EXPECT_EQ(event_id_or_digest({.id = "evt_1", .sent = "body"}), "evt_1");
}

TEST(EventIds, AreTheSameForARepetitionAndDifferForAnotherBody) {
    const std::string nameless = event_id_or_digest({.id = "", .sent = "one"});
    EXPECT_EQ(nameless, event_id_or_digest({.id = "", .sent = "one"}));
    EXPECT_NE(nameless, event_id_or_digest({.id = "", .sent = "two"}));
    EXPECT_EQ(event_id_or_digest({.id = "", .sent = ""}).substr(0, 15), "sha256-e3b0c442");
}

}  // namespace
}  // namespace postern::verifiers
