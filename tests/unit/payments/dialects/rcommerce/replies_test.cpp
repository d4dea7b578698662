#include "payments/dialects/rcommerce/replies.hpp"

#include "tests/unit/payments/dialects/rcommerce/rcommerce_fixture.hpp"

namespace postern::payments::rcommerce {
namespace {

struct PageCase {
    std::string_view name;
    PageCount count;
    std::int64_t total_pages;
    bool has_next;
    bool has_previous;
};
constexpr PageCase kPages[] = {
    {"nothing at all", {.total = 0, .page = 1, .per_page = 20}, 0, false, false},
    {"one full page", {.total = 20, .page = 1, .per_page = 20}, 1, false, false},
    {"the first of two", {.total = 21, .page = 1, .per_page = 20}, 2, true, false},
    {"the last of two", {.total = 21, .page = 2, .per_page = 20}, 2, false, true},
    {"beyond the last", {.total = 21, .page = 9, .per_page = 20}, 2, false, true},
};

TEST(RcommerceReplies, CountsPages) {
    const Audience audience{
        .language = Language::english,
        .request_id = "req_7",
        .asked_at = from_unix_seconds(1'769'594'400)};
    for (const PageCase& test_case : kPages) {
        SCOPED_TRACE(test_case.name);
        const Answer answer{rc_list(audience, test_case.count, "[]")};
        EXPECT_EQ(answer.status(), 200);
        EXPECT_TRUE(answer.at("data").is_array());
        EXPECT_EQ(answer.text("meta.request_id"), "req_7");
        EXPECT_EQ(answer.text("meta.timestamp"), "2026-01-28T10:00:00.000Z");
        const JsonValue pages = answer.at("meta.pagination");
        EXPECT_EQ(pages["total"].integer(), test_case.count.total);
        EXPECT_EQ(pages["per_page"].integer(), test_case.count.per_page);
        EXPECT_EQ(pages["current_page"].integer(), test_case.count.page);
        EXPECT_EQ(pages["total_pages"].integer(), test_case.total_pages);
        EXPECT_EQ(pages["has_next"].boolean(), test_case.has_next);
        EXPECT_EQ(pages["has_prev"].boolean(), test_case.has_previous);
    }
}

TEST(RcommerceReplies, NamesTheRequestInAField) {
    const HttpReply reply = rc_json({.request_id = "req_7"}, kCreated, "{}");
    EXPECT_EQ(reply.status, 201);
    ASSERT_EQ(reply.fields.size(), 1U);
    EXPECT_EQ(reply.fields.front(), (HttpReplyField{"X-Request-ID", "req_7"}));
}

}  // namespace
}  // namespace postern::payments::rcommerce
