#include "verifiers/type_mapping.hpp"

#include <gtest/gtest.h>

#include <array>

namespace postern::verifiers {
namespace {

TEST(TypeMapping, KnowsWholeWordsOnly) {
    constexpr std::array mappings = {
        TypeMapping{"charge.ok", EventType::payment_succeeded},
        TypeMapping{"charge.no", EventType::payment_failed},
    };
    EXPECT_EQ(mapped_type(mappings, "charge.ok"), EventType::payment_succeeded);
    EXPECT_EQ(mapped_type(mappings, "charge.no"), EventType::payment_failed);
    for (const char* other : {"", "charge", "charge.okay", "CHARGE.OK", " charge.ok"}) {
        EXPECT_EQ(mapped_type(mappings, other), std::nullopt) << other;
    }
}

TEST(TypeMapping, FindsRowsThatKnowMoreThanAType) {
    struct Row {
        std::string_view provider_type;
        int more;
    };
    constexpr Row rows[] = {{"one", 1}, {"two", 2}};
    ASSERT_NE(find_mapping(rows, "two"), nullptr);
    EXPECT_EQ(find_mapping(rows, "two")->more, 2);
    EXPECT_EQ(find_mapping(rows, "three"), nullptr);
}

}  // namespace
}  // namespace postern::verifiers
